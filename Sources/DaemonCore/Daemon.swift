package import Files
package import LarderStore
internal import Wire

/// The daemon of one cache directory: one thread that listens and answers, and a few that publish.
///
/// It makes nothing by itself. What a publication is, is the business of the front end whose function it calls.
package final class Daemon {
    package struct Options: Sendable {
        /// How long it stays when nobody talks to it, in nanoseconds.
        package var idle: Int64 = 3_600_000_000_000
        /// Publications that may be under way; a launcher beyond that publishes by itself.
        package var slots = 128
        package var threads = 2
        package var connections = 1024
        /// Starts the program that talks to remote caches, and gives it the socket; false where it cannot
        /// be started.
        package var startRemote: @Sendable (RemoteAccess, SharedDescriptor) -> Bool = { _, _ in false }

        package init() {}
    }

    /// What became of a publication.
    package struct Kept: Sendable {
        /// The entries that were made: the result and its manifest; none when it was not kept.
        package var keys: [EntryKey] = []
        /// The remote caches that are to have them, too.
        package var remote: RemoteAccess = .none

        package init(keys: [EntryKey] = [], remote: RemoteAccess = .none) { (self.keys, self.remote) = (keys, remote) }
    }

    /// Keeps what a launcher hands over.
    ///
    /// Called on threads with a working directory of their own.
    package typealias Work = @Sendable (PublicationJob) -> Kept

    /// Brings entries to the disk.
    package typealias Flush = @Sendable ([EntryKey]) -> Void

    private let place: DaemonPlace
    private let cache: Path
    private let identity: FileIdentity
    /// The cache directory, open while there is something to do: an idle daemon keeps no file system busy.
    private var home: SharedDescriptor?
    let options: Options
    let say: (String) -> Void
    private let pending: PendingWrites
    private let publisher: Publisher
    private let events: Events
    let ourselves = Greeting.ours
    private let started = Clock.wall / 1_000_000

    private var flights = Flights()
    var members: [Int: Member] = [:]
    var nextMember = 0
    var remote = RemoteLink()
    /// Keys whose result was not kept: the next launcher publishes by itself, and says why not.
    private var unfit = RecentKeys()
    private var refused: Int64 = 0
    private var coalesced: Int64 = 0
    private var lastWord = Clock.boot
    var stopReason: String?
    /// When it was told to stop.
    private var stopTime: Int64 = 0
    /// Until when nobody is let in, because the system had no descriptor for the last one.
    private var deafUntil: Int64 = 0
    /// How often in a row it could not wait for anybody, or let nobody in.
    private var failures = (waiting: 0, accepting: 0)

    /// One connection.
    final class Member {
        let socket: Descriptor
        var connection: Connection
        /// Until when it is told to look again, if it waits for a publication.
        var patience: Int64 = .max
        /// The last job that has to be finished before it is answered.
        var drains: Int?
        var stops = false
        /// A launcher asks once: what it led or waited for until then would be forgotten.
        var hasAsked = false

        init(_ socket: consuming Descriptor, _ connection: Connection) {
            self.socket = socket
            self.connection = connection
        }
    }

    /// - Parameters:
    ///   - cache: the cache directory, which is watched: without it there is nothing to do.
    ///   - say: takes a line for the log.
    package init(
        for cache: Path,
        options: Options = .init(),
        say: @escaping (String) -> Void,
        work: @escaping Work,
        flush: @escaping Flush
    ) throws(SystemError) {
        self.cache = cache
        self.options = options
        self.say = say
        guard let place = DaemonPlace.of(cache) else { throw SystemError("stat", at: cache) }
        self.place = place
        identity = try FileStatus.at(cache).identity
        pending = PendingWrites(slots: options.slots)
        let events = try Events()
        self.events = events
        publisher = try Publisher(work: work, flush: flush) { key, kept in events.add(finished: key, kept) }
    }

    /// Works until it is told to stop, has nothing to do for long, or its directory has gone.
    ///
    /// - Parameter cancellation: stops it from outside.
    package func run(until cancellation: Cancellation) throws(SystemError) {
        try publisher.start(threads: options.threads)
        // What lies there is a dead one's: we have the lock.
        try? Directory.removeFile(place.socket)
        place.removeDeadNeighbours()
        var listener: SharedDescriptor? = SharedDescriptor(try LocalSocket.listen(at: place.socket))
        say("\(Version.text) listens")
        var lastLook = Clock.boot
        while true {
            var interests: [Poller.Interest] = [.init(events.descriptor), .init(cancellation.event)]
            let hears = listener != nil && Clock.boot >= deafUntil
            if hears, let listener { interests.append(.init(listener.descriptor.raw)) }
            let first = interests.count
            let numbers = Array(members.keys)
            for number in numbers {
                guard let member = members[number] else { continue }
                interests.append(.init(member.socket.raw, writes: !member.connection.output.isEmpty))
            }
            if Poller.wait(&interests, upTo: pause) {
                failures.waiting = 0
            } else {
                failures.waiting += 1
                Clock.sleep(Self.deafness)
            }
            endIfUseless()
            if interests[0].isReady { handleEvents() }
            if interests[1].isReady { stop("it was told to by a signal") }
            if hears, let listener, interests[2].isReady { accept(listener.descriptor) }
            for (index, number) in numbers.enumerated() where interests[first + index].isReady { serve(number) }
            let now = Clock.boot
            keepDeadlines(now)
            answerDrains()
            let isIdle =
                members.allSatisfy { $0.key == remote.member } && remote.isIdle && publisher.counts.pending == 0
            if isIdle { home = nil }
            if now - lastLook > Self.lookInterval {
                lastLook = now
                leaveTheStopped()
                guard isHomeThere else { break }
                if DetachedProcess.isReplaced { stop("its program has been replaced") }
                if isIdle {
                    DetachedProcess.releaseMemory()
                    if now - lastWord > options.idle { stop("nobody needed it") }
                }
            }
            guard let stopReason else { continue }
            if listener != nil {
                // Whoever comes now finds nobody, and starts the next one when this one has let go of the lock.
                listener = nil
                try? Directory.removeFile(place.socket)
            }
            guard publisher.counts.pending == 0 else { continue }
            handleEvents()
            guard hasSentAll(since: stopTime) else { continue }
            for number in Array(members.keys) where members[number]?.stops == true { answer(number, .done) }
            say("ends: \(stopReason)")
            break
        }
        place.remove()
    }

    /// The cache directory, opened if need be; nil when it has gone, or another one has its name.
    func openHome() -> SharedDescriptor? {
        if let home { return home.descriptor.isRemovedDirectory ? nil : home }
        guard let opened = try? Descriptor(directory: cache), let found = try? opened.status().identity,
            found.inode == identity.inode, found.device == identity.device
        else { return nil }
        let home = SharedDescriptor(opened)
        self.home = home
        return home
    }

    /// Looked at without keeping anything open.
    private var isHomeThere: Bool {
        if let home { return !home.descriptor.isRemovedDirectory }
        return FileStatus.of(cache).map { $0.identity.inode == identity.inode && $0.identity.device == identity.device }
            ?? false
    }

    /// How often it looks whether its directory and program are still there.
    private static let lookInterval: Int64 = 1_000_000_000

    /// How long it waits for a descriptor to be free again.
    private static let deafness: Int64 = 100_000_000

    /// Ends it where the system has let it hear nobody for five seconds: it accelerates nothing, and the next one may have
    /// more luck.
    private func endIfUseless() {
        let limit = 50
        // Whoever is connected, or served, may free the descriptor that is wanting.
        let isDeaf = failures.accepting > limit && members.isEmpty && publisher.counts.pending == 0
        if failures.waiting > limit || isDeaf { stop("the system lets it hear nobody") }
    }

    private func stop(_ reason: String) {
        guard stopReason == nil else { return }
        (stopReason, stopTime) = (reason, Clock.boot)
        pending.close()
        // Nobody waits for the one who goes.
        for number in Array(members.keys) {
            guard let ended = flights.finish(number) else { continue }
            for waiting in ended.waiting { answer(waiting, .alone) }
        }
    }

    /// Milliseconds until something is due.
    private var pause: Int32 {
        let now = Clock.boot
        var next = members.values.reduce(now + Self.lookInterval) { min($0, $1.patience, $1.connection.deadline) }
        if deafUntil > now { next = min(next, deafUntil) }
        return Int32(clamping: max(0, next - now) / 1_000_000 + 1)
    }

    // MARK: - Connections

    private func accept(_ listener: borrowing Descriptor) {
        do throws(SystemError) {
            while let socket = try LocalSocket.accept(listener) {
                failures.accepting = 0
                guard let peer = LocalSocket.peer(of: socket), LocalSocket.isOurs(socket) else {
                    say("a process of another user was sent away")
                    continue
                }
                CrashPoint.reach("daemon_accepted")
                guard members.count < options.connections else { continue }
                nextMember += 1
                members[nextMember] = Member(socket, Connection(process: peer.process))
            }
        } catch {
            // Whoever stands at the door makes the poll return at once, and cannot be let in nor be sent away.
            deafUntil = Clock.boot &+ Self.deafness
            failures.accepting += 1
        }
    }

    private func serve(_ number: Int) {
        guard let member = members[number] else { return }
        flush(number)
        var descriptors: [SharedDescriptor] = []
        let requests = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            switch try? LocalSocket.receive(into: buffer, from: member.socket, descriptors: &descriptors) {
            case .bytes(let count):
                return member.connection.receive(buffer[..<count], descriptors, at: Clock.boot)
            case .wouldBlock: return []
            case .ended, nil: return nil
            }
        }
        guard let requests else { return end(number) }
        lastWord = Clock.boot
        for (request, descriptors) in requests {
            guard handle(request, descriptors, number) else { return end(number) }
        }
    }

    /// Writes what there is room for; whoever does not listen to a few bytes is let go.
    func flush(_ number: Int) {
        guard let member = members[number], !member.connection.output.isEmpty else { return }
        let progress = member.connection.output.withUnsafeBytes { try? LocalSocket.send($0, to: member.socket) }
        switch progress {
        case .bytes(let count): member.connection.wrote(count)
        case .wouldBlock where member.connection.output.count < 1 << 16: break
        default: end(number)
        }
    }

    func end(_ number: Int) {
        members[number] = nil
        if number == remote.member { remoteHasEnded() }
        flights.leave(number)
        guard let ended = flights.finish(number) else { return }
        // It has published by itself, or failed, or was killed: whoever waited looks, and makes it where there is nothing.
        for waiting in ended.waiting { answer(waiting, .again) }
    }

    /// Frees who waits for a launcher that somebody has stopped, from its terminal say: it may never go on.
    private func leaveTheStopped() {
        for leader in flights.awaitedLeaders {
            guard let member = members[leader], ProcessIdentity.isStopped(member.connection.process) else { continue }
            for waiting in flights.release(from: leader) { answer(waiting, .alone) }
        }
    }

    func answer(_ number: Int, _ reply: Reply) {
        guard let member = members[number] else { return }
        member.patience = .max
        member.connection.say(reply)
        flush(number)
    }

    private func keepDeadlines(_ now: Int64) {
        leaveSilentRemote(at: now)
        for (number, member) in members {
            if member.connection.deadline <= now { end(number) }
            // It takes longer than it is worth: whoever looks may find it, or makes it.
            if member.patience <= now { answer(number, .again) }
        }
    }

    // MARK: - Requests

    /// False for what ends the connection.
    private func handle(_ request: Request, _ descriptors: [SharedDescriptor], _ number: Int) -> Bool {
        switch request {
        case .ask(let greeting, let key):
            guard let member = members[number], !member.hasAsked else { return false }
            member.hasAsked = true
            ask(key, greeting, number)
        case .publish(let greeting, let key, let job):
            publish(key, greeting, Array(job), descriptors, number)
        case .drain:
            members[number]?.drains = publisher.last
        case .status:
            answer(number, .status(status))
        case .stop:
            members[number]?.stops = true
            stop("it was told to")
        case .fetch(let greeting, let addresses, let key):
            fetch(key, greeting, from: addresses, number)
        case .offer(let greeting, let addresses, let manifest, let result):
            if isOurVersion(greeting) { send(manifest: manifest, result: result, to: addresses) }
        case .brought, .sent:
            guard number == remote.member else { return false }
            hear(request)
        }
        return true
    }

    private func ask(_ key: EntryKey, _ greeting: Greeting, _ number: Int) {
        guard let member = members[number], stopReason == nil, isOurVersion(greeting), !unfit.contains(key) else {
            return answer(number, .alone)
        }
        if waitForPublication(of: key, number) {
            coalesced += 1
            return answerWait(number)
        }
        guard let leader = flights.leader(of: key), let leading = members[leader] else {
            flights.lead(key, number)
            return answer(number, .lead)
        }
        // A compiler that calls a compiler through us: it would wait for itself.
        guard leader != number, !ProcessIdentity.isStopped(leading.connection.process),
            !DetachedProcess.descends(member.connection.process, from: leading.connection.process)
        else { return answer(number, .alone) }
        coalesced += 1
        flights.wait(for: key, number)
        member.connection.say(.wait)
        flush(number)
    }

    private func answerWait(_ number: Int) {
        members[number]?.connection.say(.wait)
        flush(number)
    }

    /// Has `number` told when the publication of `key` that is under way has ended; false when there is none.
    private func waitForPublication(of key: EntryKey, _ number: Int) -> Bool {
        guard pending.notify(when: key, perform: { [events] in events.add(completedFor: number) }) != nil else {
            return false
        }
        members[number]?.patience = Clock.boot &+ PendingWrites.provenLimit
        return true
    }

    private func publish(
        _ key: EntryKey,
        _ greeting: Greeting,
        _ job: [UInt8],
        _ descriptors: [SharedDescriptor],
        _ number: Int
    ) {
        var reason: String?
        if stopReason != nil { reason = "stopping" }
        if !isOurVersion(greeting) { reason = "version" }
        // Its paths would mean other files here.
        if greeting.view == nil || greeting.view != ourselves.view { reason = "view" }
        if unfit.contains(key) { reason = "not kept before" }
        if !(2...Connection.descriptorLimit).contains(descriptors.count) { reason = "descriptors" }
        // It has lost its patience and published by itself, so that this would be counted twice.
        if let member = members[number], LocalSocket.hasEnded(member.socket) { reason = "gone" }
        let home = openHome()
        if home == nil { reason = "directory" }
        guard reason == nil, let home, let writing = pending.register(key) else {
            refused += 1
            return answer(number, .refused(reason ?? "full"))
        }
        CrashPoint.reach("daemon_registered")
        if let flight = flights.finish(number) {
            for waiting in flight.waiting where !waitForPublication(of: key, waiting) { answer(waiting, .again) }
        }
        // The build waits for the answer, and for the work nobody: a thread that begins may take the processor from both.
        answer(number, .accepted)
        publisher.submit(job, descriptors, in: home, writing)
    }

    /// Another version may mean other things by the same words; where it is newer, this daemon's time is over.
    func isOurVersion(_ greeting: Greeting) -> Bool {
        if greeting.version == ourselves.version { return true }
        if Self.isNewer(greeting.version, than: ourselves.version) { stop("a newer version is in use") }
        return false
    }

    package static func isNewer(_ one: String, than other: String) -> Bool {
        func numbers(_ text: String) -> [Int] { text.split(separator: ".").map { Int($0) ?? 0 } }
        return numbers(other).lexicographicallyPrecedes(numbers(one))
    }

    // MARK: - Publications

    private func handleEvents() {
        let (completed, finished) = events.take()
        for (key, kept) in finished {
            guard let result = kept.keys.first, let manifest = kept.keys.last else {
                unfit.insert(key)
                continue
            }
            send(manifest: manifest, result: result, to: kept.remote)
        }
        for number in completed where members[number]?.patience != .max { answer(number, .again) }
    }

    private func answerDrains() {
        for (number, member) in members {
            guard let last = member.drains, publisher.isFinished(upTo: last) else { continue }
            member.drains = nil
            answer(number, .done)
        }
    }

    private var status: DaemonStatus {
        var status = DaemonStatus()
        let counts = publisher.counts
        status.version = ourselves.version
        (status.process, status.since) = (Int64(CurrentProcess.id), started)
        (status.pending, status.working) = (Int64(counts.pending), Int64(counts.working))
        (status.published, status.dropped, status.refused) = (Int64(counts.published), Int64(counts.dropped), refused)
        (status.flights, status.waiting) = (Int64(flights.count), Int64(flights.waitingCount))
        (status.coalesced, status.connections) = (coalesced, Int64(members.count))
        status.residentBytes = DetachedProcess.residentBytes
        (status.sending, status.unsent) = (Int64(remote.sending.count), remote.dropped)
        return status
    }
}
