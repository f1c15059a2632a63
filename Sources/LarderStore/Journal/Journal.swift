public import Files

/// What happened in a cache, written by everyone at once: the only thing that counts, and all statistics come from it.
///
/// To record is to append one short line with one write, so nobody waits and no line mixes with another. Now and
/// then somebody renames the file to a segment and *folds* it: adds it to the sums and carries the last use of
/// each entry over to the entry's modification time, which eviction goes by. A process that opened the file before
/// the rename still writes to the segment; the fold remembers how far it got and goes on from there the next time,
/// so nothing is lost and nothing counts twice.
///
///     <store>/journal/current                       lines of events
///     <store>/journal/segment.<milliseconds>.<random>
///     <store>/journal/folded                        the sums
public struct Journal: Sendable {
    let store: Path
    /// A longer journal is folded by whoever records a miss.
    let rotationLength: Int

    /// The journal of the store in `store`; nothing is looked at before the first use.
    public init(at store: Path) { self.init(at: store, rotationLength: 1 << 20) }

    package init(at store: Path, rotationLength: Int) {
        self.store = store
        self.rotationLength = rotationLength
    }

    var directory: Path { store.appending("journal") }
    var current: Path { directory.appending("current") }
    var folded: Path { directory.appending("folded") }

    /// Held by the one who folds.
    static let lock = LockName(known: "journal")

    func lockOptions(_ timeout: LockTimeout) -> WriterLock.Options {
        var options = WriterLock.Options()
        (options.timeout, options.purpose) = (timeout, "sums of the journal")
        return options
    }

    /// How old a segment must be before it is removed: a process may have opened it long before it writes.
    static let segmentAge: Int64 = 3_600_000_000_000

    /// A segment that is older is removed: 31 days.
    static let historyAge: Int64 = Int64(Statistics.hourLimit) * 3_600_000_000_000

    /// How long the segments may become together before the oldest of them are removed: a hundred thousand lines or so, beyond
    /// which only the sums of each hour are kept.
    var historyLength: Int { 32 * rotationLength }

    /// Writes the event down.
    ///
    /// Waits for nobody and never fails: an event that cannot be written is lost.
    public func record(_ event: Event) {
        var event = event
        // What is recorded for another process says when and where it happened.
        if event.time == 0 { event.time = Clock.wall / 1_000_000 }
        if event.process == 0 { event.process = CurrentProcess.id }
        let line = EventLine.encode(event)
        do throws(SystemError) {
            let length: Int
            do throws(SystemError) {
                length = try append(line, to: current, for: event)
            } catch {
                guard error.isAbsence else { return }
                try Directory.make(directory)
                length = try append(line, to: current, for: event)
            }
            if length > rotationLength { fold() }
        } catch {
            return
        }
    }

    /// Returns the length of the journal where the event is one that has time to look, else 0.
    private func append(_ line: [UInt8], to path: Path, for event: Event) throws(SystemError) -> Int {
        let file = try Descriptor(appendingTo: path)
        _ = file.writeOnce(line)
        guard event.kind == .miss || event.kind == .publish else { return 0 }
        return try file.status().size
    }

    // MARK: - Reading

    /// The sums of everything that was recorded since the last reset.
    ///
    /// Takes no lock; a fold that happens meanwhile is noticed, and everything read again. Where folds follow each
    /// other too fast for that, it waits for the one that is running.
    public func statistics() -> Statistics {
        for _ in 0..<5 {
            let (statistics, isConsistent) = readOnce()
            if isConsistent { return statistics }
        }
        let lock = try? WriterLock.acquire(Self.lock, in: store, options: lockOptions(LockTimeout(seconds: 1)))
        let statistics = readOnce().statistics
        _ = consume lock
        return statistics
    }

    /// The sums, and whether no fold came between their parts.
    private func readOnce() -> (statistics: Statistics, isConsistent: Bool) {
        let base = FoldedJournal.read(at: folded)
        let segments = segmentNames()
        var statistics = base.statistics
        for name in segments {
            _ = statistics.add(lines: Self.bytes(of: directory.appending(name), from: base.offsets[name] ?? 0))
        }
        _ = statistics.add(lines: Self.bytes(of: current, from: 0))
        let isConsistent =
            segmentNames() == segments && FoldedJournal.read(at: folded).generation == base.generation
        return (statistics, isConsistent)
    }

    /// What the store held in the hours of the last 31 days in which somebody looked, in bytes by hours since 1970.
    package func sizes() -> [Int64: Int64] { FoldedJournal.read(at: folded).sizes }

    /// The last events, the newest last: at most `limit`, and only those whose segment is still there.
    public func recentEvents(limit: Int = 1000) -> [Event] {
        let limit = min(max(limit, 0), 1_000_000)
        var events: [Event] = []
        // The names sort by time as long as milliseconds have 13 digits, which they have until the year 2286.
        for path in segmentNames().map({ directory.appending($0) }) + [current] {
            var scratch = Statistics()
            _ = scratch.add(lines: Self.bytes(of: path, from: 0)) { events.append($0) }
            if events.count > 4 * limit { events.removeFirst(events.count - limit) }
        }
        return Array(events.suffix(limit))
    }

    /// The events of a session that are still there, in the order in which they were written.
    package func events(of session: String) -> [Event] { events { $0.session == session } }

    /// The events from `moment` on, in milliseconds since 1970, that are still there, in the order in which they were written.
    package func events(since moment: Int64) -> [Event] { events { $0.time >= moment } }

    private func events(_ isWanted: (Event) -> Bool) -> [Event] {
        var events: [Event] = []
        for path in segmentNames().map({ directory.appending($0) }) + [current] {
            var scratch = Statistics()
            _ = scratch.add(lines: Self.bytes(of: path, from: 0)) { event in
                if isWanted(event) { events.append(event) }
            }
        }
        return events
    }

    func segmentNames() -> [String] {
        let names = (try? Directory.names(in: directory)) ?? []
        return names.filter { $0.starts(with: "segment.".utf8) && Leftover.maker(ofTemporary: $0) == nil }
            .map { String(decoding: $0, as: UTF8.self) }
            .sorted()
    }

    static func bytes(of path: Path, from offset: Int) -> [UInt8] {
        guard let file = try? Descriptor(reading: path), let size = try? file.status().size, size > offset, offset >= 0
        else { return [] }
        return (try? file.bytes(at: offset, count: min(size - offset, 1 << 28))) ?? []
    }
}
