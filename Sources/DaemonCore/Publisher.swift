package import Files
internal import LarderStore
internal import Synchronization

/// A publication that the daemon has accepted.
package struct PublicationJob: Sendable {
    /// The front end's bytes.
    package let bytes: [UInt8]
    /// The front end's descriptors, in the order in which they were passed.
    package let descriptors: [SharedDescriptor]
    /// The cache directory, open: should it be removed, nothing makes it anew.
    package let home: SharedDescriptor
    /// Holds the key in the registry for as long as the job lives.
    let pending: PendingWrite
    let number: Int
}

/// Threads that publish what launchers have handed over, after everybody else's work.
final class Publisher: Sendable {
    private struct State: Sendable {
        var queue: [PublicationJob] = []
        /// The numbers of those that are not finished.
        var unfinished: Set<Int> = []
        var working = 0
        /// Entries that a power failure could still take.
        var unflushed: [EntryKey] = []
        var next = 0
        var published = 0
        var dropped = 0
    }

    private let state = Mutex(State())
    private let work: Daemon.Work
    private let flush: Daemon.Flush
    /// Told, from a thread of ours, when a job is finished, and what became of it.
    private let finished: @Sendable (EntryKey, Daemon.Kept) -> Void
    private let wakeup: Wakeup

    init(
        work: @escaping Daemon.Work,
        flush: @escaping Daemon.Flush,
        finished: @escaping @Sendable (EntryKey, Daemon.Kept) -> Void
    ) throws(SystemError) {
        self.work = work
        self.flush = flush
        self.finished = finished
        wakeup = try Wakeup()
    }

    /// Starts so many threads.
    func start(threads: Int) throws(SystemError) {
        for number in 0..<threads { try BackgroundThread.start { self.run(isFirst: number == 0) } }
    }

    func submit(
        _ bytes: [UInt8],
        _ descriptors: [SharedDescriptor],
        in home: SharedDescriptor,
        _ pending: PendingWrite
    ) {
        state.withLock { state in
            state.next += 1
            state.unfinished.insert(state.next)
            state.queue.append(
                PublicationJob(
                    bytes: bytes,
                    descriptors: descriptors,
                    home: home,
                    pending: pending,
                    number: state.next
                )
            )
        }
        wakeup.signal()
    }

    /// The number of the last job that was submitted.
    var last: Int { state.withLock { $0.next } }

    /// Whether every job up to `number` is finished.
    func isFinished(upTo number: Int) -> Bool { state.withLock { $0.unfinished.allSatisfy { $0 > number } } }

    var counts: (pending: Int, working: Int, published: Int, dropped: Int) {
        state.withLock { ($0.unfinished.count, $0.working, $0.published, $0.dropped) }
    }

    private func run(isFirst: Bool) {
        // Compilers come first: what is published a little later is still published long before it is asked for.
        BackgroundThread.giveWay(5)
        // Containers often forbid it. Then one thread does all the work and moves the directory of the whole process, in
        // which nobody else looks anything up.
        guard BackgroundThread.leaveSharedDirectory() || isFirst else { return }
        while true {
            guard let job = take() else {
                rest()
                continue
            }
            let kept = work(job)
            // Before it counts as finished: who sees that it is has heard of what became of it.
            job.pending.complete()
            finished(job.pending.key, kept)
            state.withLock { state in
                state.working -= 1
                state.unfinished.remove(job.number)
                if kept.keys.isEmpty { state.dropped += 1 } else { state.published += 1 }
                // More than a few minutes' work is not owed to anybody.
                if state.unflushed.count < Self.flushLimit { state.unflushed += kept.keys }
            }
        }
    }

    private static let flushLimit = 4096

    /// Waits for work; where none comes for a second, brings to the disk what was published since the last time.
    ///
    /// In one go and in nobody's way: flushing each entry as it is published would wait for the disk each time, and have the
    /// compilers' own writes wait with it.
    private func rest() {
        let isClean = state.withLock { $0.unflushed.isEmpty }
        if wakeup.wait(upTo: isClean ? 3_600_000_000_000 : 1_000_000_000) { return }
        let keys = state.withLock { state in
            defer { state.unflushed = [] }
            return state.unflushed
        }
        if !keys.isEmpty { flush(keys) }
    }

    private func take() -> PublicationJob? {
        wakeup.clear()
        let (job, isMore) = state.withLock { state -> (PublicationJob?, Bool) in
            guard !state.queue.isEmpty else { return (nil, false) }
            state.working += 1
            return (state.queue.removeFirst(), !state.queue.isEmpty)
        }
        if isMore { wakeup.signal() }
        return job
    }
}
