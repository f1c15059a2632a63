internal import Glibc

/// Integers in a small file that every process adds to.
///
/// Read and written in place under the file's own lock, never mapped: the file may be cut short by anybody at any moment, and
/// to touch a page of it then would be the end of the process. It is a *hint*: whoever does not get the lock at once adds
/// without it, and may undo another's addition. Whoever depends on the sum recounts now and then with ``set(_:to:)``.
package struct SharedCounters: ~Copyable {
    private let file: Descriptor

    /// How many there are.
    private static let count = 3

    /// Opens the counters at `path`, and makes them (all zero) when they are missing.
    package init(at path: Path) throws(SystemError) { file = try Descriptor(openingForUpdate: path) }

    /// Adds `deltas` to the first counters; all sums, or nil when the file cannot be read or written.
    @discardableResult
    package func add(_ deltas: [Int64]) -> [Int64]? {
        update { sums in
            for (index, delta) in deltas.enumerated() where index < sums.count { sums[index] &+= delta }
        }
    }

    /// Sets counter number `index`.
    package func set(_ index: Int, to value: Int64) { _ = update { $0[index] = value } }

    /// All counters as they stand; what is not there is 0.
    package func values() -> [Int64]? {
        guard let bytes = try? file.bytes(at: 0, count: Self.count * 8) else { return nil }
        return bytes.withUnsafeBytes { bytes in
            (0..<Self.count).map { index in
                bytes.count < (index + 1) * 8 ? 0 : bytes.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)
            }
        }
    }

    private func update(_ change: (inout [Int64]) -> Void) -> [Int64]? {
        let isLocked = lock()
        defer { if isLocked { _ = flock(file.raw, LOCK_UN) } }
        guard let old = values() else { return nil }
        var new = old
        change(&new)
        if new == old { return new }
        let bytes = new.withUnsafeBytes { Array($0) }
        return (try? file.write(bytes, at: 0)) == nil ? nil : new
    }

    /// The holder is done in a few microseconds, unless it was stopped in between: nobody waits long for it.
    private func lock() -> Bool {
        for attempt in 0..<20 {
            if flock(file.raw, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR else { return false }
            Clock.sleep(Int64(attempt) * 20_000)
        }
        return false
    }
}
