internal import Files
internal import Synchronization

/// The publications of this process that are under way: the time between "the result is known" and "everyone can see
/// it".
///
/// A program that lets a thread publish what it has found registers the key *before* it hands the work over. Whoever
/// then looks for that key in vain learns that it is worth a moment's patience, and how the wait ended.
///
/// What is deferred in this way keeps to five conditions:
///
/// - There is one moment at which the result becomes visible: the rename in ``EntryStore/publish(_:kind:parts:)``.
///   ``PendingWrite/complete()`` comes after it, so whoever is woken finds what there is to find.
/// - Whatever fails is a miss: a publisher that gives up or dies completes as well, and the waiter finds nothing.
/// - Time, number and reach are bounded: no wait is longer than ``provenLimit``, no more keys are registered than there
///   are slots, and nothing here outlives the process.
/// - The tests that attack it came first.
/// - It pays: see `docs/decisions/0012`.
///
/// Nothing in it survives a restart. Every call may come from any thread.
public final class PendingWrites: Sendable {
    /// The longest wait, in nanoseconds, for a key of which nobody knows that its result exists: 5 ms, whatever a caller
    /// asks for.
    public static let unprovenLimit: Int64 = 5_000_000
    /// The longest wait, in nanoseconds, for a result that is known to be under publication: 5 s.
    public static let provenLimit: Int64 = 5_000_000_000

    /// What a wait came to.
    public enum Answer: Sendable, Equatable {
        /// Nobody was publishing the key.
        case none
        /// Somebody was: there may be something to find now, or after a wait that ended too early.
        case lookAgain
    }

    private struct Waiter: Sendable {
        let number: Int
        let wake: @Sendable () -> Void
    }

    private struct Writing: Sendable {
        var publishers = 0
        var waiters: [Waiter] = []
    }

    private struct State: Sendable {
        var writings: [EntryKey: Writing] = [:]
        var registered = 0
        var isClosed = false
        var nextWaiter = 0
        /// Those who wait until nothing is pending.
        var drains: [Waiter] = []
    }

    private let state = Mutex(State())
    private let slots: Int

    /// A registry in which at most `slots` publications are under way at a time.
    public init(slots: Int = 128) { self.slots = max(slots, 0) }

    /// Publications under way.
    public var count: Int { state.withLock { $0.registered } }

    /// Registers a publication of `key`, which is under way until the value that is returned completes, or is gone.
    ///
    /// Several may publish one key; it stays registered until the last of them is done. Nil when there is no slot left,
    /// or after ``close()``: then nothing may be deferred.
    public func register(_ key: EntryKey) -> PendingWrite? {
        let isRegistered = state.withLock { state in
            guard !state.isClosed, state.registered < slots else { return false }
            state.registered += 1
            state.writings[key, default: Writing()].publishers += 1
            return true
        }
        return isRegistered ? PendingWrite(key, in: self) : nil
    }

    /// Waits until `key` is published, if somebody is publishing it.
    ///
    /// - Parameters:
    ///   - nanoseconds: how long to wait at most; 0 only looks. More than ``unprovenLimit`` counts as that, or with
    ///     `isProven` more than ``provenLimit`` as that.
    ///   - isProven: the caller knows that the result exists, so that patience is sure to pay.
    public func wait(for key: EntryKey, upTo nanoseconds: Int64, isProven: Bool = false) -> Answer {
        let limit = min(nanoseconds, isProven ? Self.provenLimit : Self.unprovenLimit)
        guard limit > 0 else { return state.withLock { $0.writings[key] == nil } ? .none : .lookAgain }
        // Without a descriptor to wait for, there is still something to look for again.
        guard let signal = Signal() else { return .lookAgain }
        guard let number = notify(when: key, perform: { signal.wakeup.signal() }) else { return .none }
        if !signal.wakeup.wait(upTo: limit) {
            state.withLock { $0.writings[key]?.waiters.removeAll { $0.number == number } }
        }
        return .lookAgain
    }

    /// Has `wake` called, once and from any thread, when nobody publishes `key` any more; nil, and no call, when nobody
    /// does now.
    ///
    /// The look at the registry and the enrolment are one step, so that no completion comes between them.
    package func notify(when key: EntryKey, perform wake: @escaping @Sendable () -> Void) -> Int? {
        state.withLock { state in
            guard state.writings[key] != nil else { return nil }
            state.nextWaiter += 1
            state.writings[key]?.waiters.append(Waiter(number: state.nextWaiter, wake: wake))
            return state.nextWaiter
        }
    }

    /// Accepts no registration any more.
    public func close() { state.withLock { $0.isClosed = true } }

    /// Waits until nothing is under way, for so many nanoseconds at most; says whether that came true.
    public func drain(upTo nanoseconds: Int64) -> Bool {
        guard let signal = Signal() else { return count == 0 }
        let number = state.withLock { state -> Int? in
            guard state.registered > 0 else { return nil }
            state.nextWaiter += 1
            state.drains.append(Waiter(number: state.nextWaiter, wake: { signal.wakeup.signal() }))
            return state.nextWaiter
        }
        guard let number else { return true }
        _ = signal.wakeup.wait(upTo: nanoseconds)
        return state.withLock { state in
            let isWoken = !state.drains.contains { $0.number == number }
            state.drains.removeAll { $0.number == number }
            return isWoken || state.registered == 0
        }
    }

    fileprivate func complete(_ key: EntryKey) {
        let woken = state.withLock { state -> [Waiter] in
            var woken: [Waiter] = []
            state.registered -= 1
            state.writings[key]?.publishers -= 1
            if let writing = state.writings[key], writing.publishers <= 0 {
                state.writings[key] = nil
                woken = writing.waiters
            }
            if state.registered == 0 {
                woken += state.drains
                state.drains = []
            }
            return woken
        }
        // Outside of the guard: what they do is theirs, and may come back to us.
        for waiter in woken { waiter.wake() }
    }

    private final class Signal: Sendable {
        let wakeup: Wakeup

        init?() {
            do throws(SystemError) { wakeup = try Wakeup() } catch { return nil }
        }
    }
}

/// A publication that is under way: completed on every way out, be it a success, an error or a cancellation.
///
/// Whoever does the work holds this value; when the last reference goes, the publication is over.
public final class PendingWrite: Sendable {
    /// What is published.
    public let key: EntryKey
    private let registry: PendingWrites
    private let isComplete = Atomic<Bool>(false)

    fileprivate init(_ key: EntryKey, in registry: PendingWrites) {
        self.key = key
        self.registry = registry
    }

    deinit { complete() }

    /// Says that the result is visible, or never will be; wakes everyone who waits.
    ///
    /// Only the first call counts.
    public func complete() {
        guard !isComplete.exchange(true, ordering: .acquiringAndReleasing) else { return }
        registry.complete(key)
    }
}
