internal import CLinux

/// What happens to files of one directory, as far as processes of this machine cause it.
///
/// A hint that saves asking again and again: where the kernel gives no watch, or another machine removes the file,
/// nothing is heard.
package struct DirectoryWatch: ~Copyable {
    /// Why a wait ended.
    package enum Outcome: Sendable { case changed, cancelled, elapsed }

    private let watch: Descriptor?

    package init(on directory: Path) {
        let raw = directory.withCString { larder_watch($0) }
        watch = raw >= 0 ? Descriptor(owning: raw) : nil
    }

    /// Waits for at most `nanoseconds` until a file whose name begins with `prefix` is removed, moved here or closed by
    /// one who wrote it.
    package func wait(nanoseconds: Int64, prefix: Path, unless cancellation: Cancellation?) -> Outcome {
        let raw: Int32
        switch watch {
        case .some(let descriptor): raw = descriptor.raw
        case nil: raw = -1
        }
        let outcome = prefix.withCString {
            larder_watch_wait(raw, cancellation?.event ?? -1, max(nanoseconds, 0), $0)
        }
        if cancellation?.isCancelled == true { return .cancelled }
        return outcome == 1 ? .changed : .elapsed
    }
}
