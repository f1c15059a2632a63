internal import Dispatch
internal import Synchronization

/// Waits in a command, which has one thread, for what a task does.
final class Blocking<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let done = DispatchSemaphore(value: 0)

    private init() {}

    /// What `body` gives, when it is done.
    static func wait(_ body: @escaping @Sendable () async -> Value) -> Value? {
        let waiting = Blocking()
        Task.detached {
            waiting.finish(await body())
        }
        waiting.done.wait()
        return waiting.value.withLock { $0 }
    }

    private func finish(_ value: Value) {
        self.value.withLock { $0 = value }
        done.signal()
    }
}
