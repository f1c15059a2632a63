internal import NIOCore

/// One connection to a server, which does one thing at a time.
protocol ServerLink: AnyObject, Sendable {
    /// It can be used again.
    var isOpen: Bool { get }
    /// The server has answered what it was asked last, at least in part.
    var hasHeard: Bool { get }
    /// Closes the connection; who waits for an answer gets `failure`.
    func fail(_ failure: TierFailure)
}

/// Makes connections to one server.
protocol LinkDialer: Sendable {
    associatedtype Link: ServerLink

    /// All connections belong to it.
    var eventLoop: any EventLoop { get }
    /// What the server is called in sentences.
    var server: String { get }
    /// A connection that is ready for use, until `deadline` at the latest.
    ///
    /// Has to be called on the event loop.
    func dial(until deadline: NIODeadline) async throws(TierFailure) -> Link
}

/// The connections to one server, each of which has one request under way at most.
///
/// So nobody waits behind the value of somebody else, and who is out of time breaks just his own connection. Belongs to
/// one event loop, and everything has to be called there.
final class LinkPool<Dialer: LinkDialer> {
    typealias Link = Dialer.Link

    private let dialer: Dialer
    /// The one that was used last is at the end.
    private var idle: [Link] = []
    private var busy: [ObjectIdentifier: Link] = [:]
    /// Connections that are being made, or that are promised to somebody.
    private var pending = 0
    private var waiting: [Waiter<Link?>] = []
    private var isClosed = false

    private let mostLinks = 16

    init(_ dialer: Dialer) { self.dialer = dialer }

    /// Calls `body` with a connection that nobody else uses meanwhile.
    ///
    /// A connection that turns out to have been closed while it was idle is not held against the server: there is one
    /// more attempt, with a new one. `connectDeadline` is for making a connection, if one has to be made.
    func use<Answer: Sendable>(
        until deadline: NIODeadline,
        connectBefore connectDeadline: NIODeadline,
        _ body: (Link) async throws(TierFailure) -> Answer
    ) async throws(TierFailure) -> Answer {
        var isFirst = true
        while true {
            let (link, isFresh) = try await take(until: deadline, connectBefore: connectDeadline)
            do throws(TierFailure) {
                let answer = try await body(link)
                giveBack(link)
                return answer
            } catch {
                giveBack(link)
                guard isFirst, !isFresh, error.kind == .unreachable, !link.hasHeard, !isClosed else { throw error }
                isFirst = false
                // What one of them lived to see, all have: a restart, say.
                for stale in idle { stale.fail(error) }
                idle = []
            }
        }
    }

    /// Closes all connections, and fails all who use or want one.
    func close() {
        isClosed = true
        for link in idle + Array(busy.values) { link.fail(closed) }
        idle = []
        for waiter in waiting { waiter.resume(.failure(closed)) }
        waiting = []
    }

    private func take(
        until deadline: NIODeadline,
        connectBefore connectDeadline: NIODeadline
    ) async throws(TierFailure) -> (link: Link, isFresh: Bool) {
        while true {
            if isClosed { throw closed }
            while let link = idle.popLast() {
                guard link.isOpen else { continue }
                busy[ObjectIdentifier(link)] = link
                return (link, false)
            }
            if busy.count + pending < mostLinks { return (try await make(before: connectDeadline), true) }
            let waiter = Waiter<Link?>()
            waiting.append(waiter)
            let late = TierFailure(.timedOut, "All connections to \(dialer.server) were busy.")
            let link: Link?
            do throws(TierFailure) {
                link = try await waiter.value(on: dialer.eventLoop, until: deadline, orElse: late)
            } catch {
                waiting.removeAll { $0 === waiter }
                throw error
            }
            pending -= 1
            guard let link else { continue }
            if isClosed { link.fail(closed) }
            busy[ObjectIdentifier(link)] = link
            return (link, false)
        }
    }

    private func make(before deadline: NIODeadline) async throws(TierFailure) -> Link {
        pending += 1
        do throws(TierFailure) {
            let link = try await dialer.dial(until: deadline)
            pending -= 1
            if isClosed { link.fail(closed) }
            busy[ObjectIdentifier(link)] = link
            return link
        } catch {
            pending -= 1
            offer(nil)
            throw error
        }
    }

    private func giveBack(_ link: Link) {
        busy[ObjectIdentifier(link)] = nil
        if !link.isOpen {
            offer(nil)
        } else if !offer(link) {
            idle.append(link)
        }
    }

    /// Hands a connection, or the room for one, to the first who still waits.
    @discardableResult
    private func offer(_ link: Link?) -> Bool {
        while !waiting.isEmpty {
            guard waiting.removeFirst().resume(.success(link)) else { continue }
            // Until that task goes on, nobody else is to take its place.
            pending += 1
            return true
        }
        return false
    }

    private var closed: TierFailure { TierFailure(.unreachable, "The connections to \(dialer.server) are closed.") }
}
