internal import Files
internal import LarderStore
internal import Synchronization

/// What threads have to tell the one that listens.
final class Events: Sendable {
    private struct State: Sendable {
        var completed: [Int] = []
        var finished: [(key: EntryKey, kept: Daemon.Kept)] = []
    }

    private let state = Mutex(State())
    private let wakeup: Wakeup

    init() throws(SystemError) { wakeup = try Wakeup() }

    /// To be waited for.
    var descriptor: CInt { wakeup.descriptor }

    /// What the connection with this number waits for has been published, or never will be.
    func add(completedFor number: Int) {
        state.withLock { $0.completed.append(number) }
        wakeup.signal()
    }

    /// A job has ended.
    func add(finished key: EntryKey, _ kept: Daemon.Kept) {
        state.withLock { $0.finished.append((key, kept)) }
        wakeup.signal()
    }

    func take() -> (completed: [Int], finished: [(key: EntryKey, kept: Daemon.Kept)]) {
        wakeup.clear()
        return state.withLock { state in
            defer { state = State() }
            return (state.completed, state.finished)
        }
    }
}

/// The last few thousand keys that were put in.
struct RecentKeys {
    private static let limit = 4096
    private var newer: Set<EntryKey> = []
    private var older: Set<EntryKey> = []

    func contains(_ key: EntryKey) -> Bool { newer.contains(key) || older.contains(key) }

    mutating func insert(_ key: EntryKey) {
        if newer.count >= Self.limit / 2 { (older, newer) = (newer, []) }
        newer.insert(key)
    }
}
