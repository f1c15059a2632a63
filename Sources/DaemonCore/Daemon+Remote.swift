internal import Files
internal import LarderStore
internal import Wire

/// The daemon's part in what comes from remote caches and goes there: it starts the program that talks to them, and passes
/// questions and answers on.
extension Daemon {
    /// How long it waits at its end for what is to be sent, in nanoseconds.
    private static let sendingPatience: Int64 = 20_000_000_000

    /// Has `number` told when what a remote cache has under `key` is here, or is nowhere.
    func fetch(_ key: EntryKey, _ greeting: Greeting, from access: RemoteAccess, _ number: Int) {
        guard stopReason == nil, isOurVersion(greeting), openHome() != nil, let member = openRemote(for: access) else {
            return answer(number, .alone)
        }
        if let question = remote.ask(key, for: number, at: Clock.boot) { answer(member, question) }
    }

    /// Has a publication sent to remote caches, if there are any.
    func send(manifest: EntryKey, result: EntryKey, to access: RemoteAccess) {
        guard !access.isNone, let member = openRemote(for: access) else { return }
        if let order = remote.send(manifest: manifest, result: result) {
            answer(member, order)
        } else if remote.dropped == 1 {
            say("results are not sent, because \(RemoteLink.sendingLimit) are waiting for that")
        }
    }

    /// What `larder-remote` says.
    func hear(_ request: Request) {
        switch request {
        case .brought(let number, let isThere):
            for waiting in remote.answered(number) { answer(waiting, isThere ? .again : .alone) }
        case .sent(let number): remote.sent(number)
        default: break
        }
    }

    /// Its connection has ended: whoever waits is told that there is nothing.
    func remoteHasEnded() {
        say("larder-remote has ended")
        for waiting in remote.fail(at: Clock.boot) { answer(waiting, .alone) }
    }

    /// Lets go of `larder-remote` where it does not answer: whoever waits compiles, and another one is started later.
    func leaveSilentRemote(at now: Int64) {
        guard let member = remote.member, remote.isOverdue(at: now) else { return }
        say("larder-remote does not answer")
        end(member)
    }

    /// True when nothing is on its way, or too long: `start` is when the daemon was told to end.
    func hasSentAll(since start: Int64) -> Bool {
        remote.sending.isEmpty || Clock.boot > start &+ Self.sendingPatience
    }

    /// The connection to `larder-remote` for this access, started now if need be; nil where there is none to be had.
    private func openRemote(for access: RemoteAccess) -> Int? {
        if let member = remote.member {
            if remote.access == access { return member }
            // Other caches, or others are trusted: one program at a time.
            guard remote.isIdle else { return nil }
            remote.leave()
            end(member)
        }
        guard remote.mayStart(at: Clock.boot) else { return nil }
        do throws(SystemError) {
            guard let socket = try LocalSocket.pair({ options.startRemote(access, $0) }) else {
                _ = remote.fail(at: Clock.boot)
                return nil
            }
            nextMember += 1
            members[nextMember] = Member(socket, Connection(process: 0))
            remote.begin(nextMember, for: access)
            return nextMember
        } catch {
            return nil
        }
    }
}
