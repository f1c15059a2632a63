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

extension Descriptor {
    /// The checksum of what the file holds; nil where that is not `size` bytes.
    ///
    /// They pass through a buffer that stays in the processor's cache.
    package func checksum(size: Int) -> Checksum? {
        guard let sum = Checksum.Running() else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
        defer { buffer.deallocate() }
        var done = 0
        while done <= size, let count = try? read(at: done, into: buffer), count > 0 {
            sum.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            done += count
        }
        let checksum = sum.finish()
        return done == size ? checksum : nil
    }
}
