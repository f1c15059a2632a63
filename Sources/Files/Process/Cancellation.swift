internal import CLinux
internal import Glibc
internal import Synchronization

/// A wish to stop waiting, which may be uttered from any thread, any task and a signal handler.
///
/// Once cancelled it stays cancelled. Whoever waits under it wakes at once.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    /// An eventfd(2), or -1 where there is none to be had: then the wish is noticed a little later.
    package let event: Int32

    /// Nothing is cancelled yet.
    public init() { event = larder_event() }

    deinit { if event >= 0 { _ = close(event) } }

    /// Ends every wait under this value, now and from now on.
    public func cancel() {
        flag.store(true, ordering: .releasing)
        if event >= 0 { larder_event_set(event) }
    }

    /// Whether somebody wants it to stop.
    public var isCancelled: Bool {
        if flag.load(ordering: .acquiring) { return true }
        guard event >= 0 else { return larder_interruption() != 0 }
        var look = pollfd(fd: event, events: Int16(POLLIN), revents: 0)
        return poll(&look, 1, 0) > 0
    }

    /// One that INT, TERM, HUP and QUIT cancel, from now on and instead of ending the process.
    ///
    /// Once for a process. A child that is started later gets these signals as ever, see ``Child``; after a
    /// cancellation no child is started any more.
    package static func bySignals() -> Cancellation {
        let cancellation = Cancellation()
        larder_cancel_on_signals(cancellation.event)
        // The handler uses the descriptor for as long as the process lives.
        _ = Unmanaged.passRetained(cancellation)
        return cancellation
    }
}
