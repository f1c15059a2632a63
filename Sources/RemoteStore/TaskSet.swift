internal import Synchronization

/// Tasks that nobody waits for while they go on, and that somebody may wait for in the end.
final class TaskSet: Sendable {
    private struct Running {
        var tasks: [Int: Task<Void, Never>] = [:]
        var next = 0
    }

    private let running = Mutex(Running())

    /// Begins a task.
    func start(_ body: @escaping @Sendable () async -> Void) {
        running.withLock { state in
            let number = state.next
            state.next += 1
            state.tasks[number] = Task {
                await body()
                // Not before it has been noted.
                self.running.withLock { $0.tasks[number] = nil }
            }
        }
    }

    /// Waits for all that have begun.
    func end() async {
        while let task = running.withLock({ $0.tasks.values.first }) { await task.value }
    }
}
