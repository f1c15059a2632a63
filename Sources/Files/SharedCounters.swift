internal import CLinux
internal import Glibc

/// Integers in a small file that every process adds to at once, without a lock.
///
/// The file is mapped, so an addition is one processor instruction and a crash between two of them loses nothing
/// that was added. It is a *hint*: whoever depends on the sum recounts now and then with ``set(_:to:)``.
package struct SharedCounters: ~Copyable {
    private let file: Descriptor

    /// Opens the counters at `path`, and makes them (all zero) when they are missing or of another size.
    package init(at path: Path) throws(SystemError) {
        let file = try Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
        let status = try file.status()
        if status.size != 4096, ftruncate(file.raw, 4096) != 0 { throw SystemError("ftruncate", at: path) }
        // To write to a mapped page for which a full disk has no block would be the end of the process.
        if status.size != 4096 || status.allocated == 0, larder_allocate(file.raw, 4096) != 0 {
            throw SystemError("fallocate", at: path)
        }
        self.file = file
    }

    /// Adds `delta` to the counter number `index` (0 to 511); the sum, or nil when the file cannot be mapped.
    @discardableResult
    package func add(_ delta: Int64, to index: Int) -> Int64? {
        let sum = larder_shared_add(file.raw, index * 8, delta)
        return sum == .min ? nil : sum
    }

    /// Sets counter number `index`; additions by others meanwhile are kept.
    package func set(_ index: Int, to value: Int64) {
        guard let now = add(0, to: index) else { return }
        add(value - now, to: index)
    }
}
