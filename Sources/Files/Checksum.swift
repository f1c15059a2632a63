internal import CLinux

/// A 128-bit XXH3 checksum: tells damage, at memory speed.
///
/// Against people, use a digest.
package struct Checksum: Hashable, Sendable {
    package var low: UInt64
    package var high: UInt64

    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    package init(of bytes: UnsafeRawBufferPointer) {
        (low, high) = (0, 0)
        larder_checksum(bytes.baseAddress, bytes.count, &low, &high)
    }

    /// The same as ``init(of:)``, as a processor without wide vectors computes it; for tests.
    package static func withoutWideVectors(of bytes: UnsafeRawBufferPointer) -> Checksum {
        var sum = Checksum(low: 0, high: 0)
        larder_checksum_narrow(bytes.baseAddress, bytes.count, &sum.low, &sum.high)
        return sum
    }

    /// A checksum of bytes that come in parts.
    package struct Running: ~Copyable {
        private let state: OpaquePointer

        /// Nil only when memory is exhausted.
        package init?() {
            guard let state = larder_checksum_begin() else { return nil }
            self.state = state
        }

        package func update(_ bytes: UnsafeRawBufferPointer) {
            larder_checksum_update(state, bytes.baseAddress, bytes.count)
        }

        package consuming func finish() -> Checksum {
            var sum = Checksum(low: 0, high: 0)
            larder_checksum_end(state, &sum.low, &sum.high)
            discard self
            return sum
        }

        deinit {
            var (low, high): (UInt64, UInt64) = (0, 0)
            larder_checksum_end(state, &low, &high)
        }
    }
}
