package import Files
package import LarderStore

/// A connection to the daemon of a cache directory.
///
/// The daemon is an accelerator: whatever goes wrong here, in time or in content, is "there is none", and the caller does
/// by itself what the daemon would have done.
package struct DaemonClient: ~Copyable {
    /// Whether this process is to make a result.
    package enum Answer: Sendable {
        /// Make it; others wait for it as long as this connection lasts.
        case lead
        /// It has been made: look again.
        case again
        /// Make it; nobody is to be waited for.
        case alone
        /// Nobody answers.
        case unavailable
    }

    /// How long a daemon may take for an answer that it gives at once; one that is stopped or overwhelmed takes longer.
    static let patience: Int64 = 1_000_000_000

    private let connection: Descriptor

    private init(_ connection: consuming Descriptor) { self.connection = connection }

    /// The daemon that works for the cache in `directory`; nil where there is none, or it is somebody else's.
    package static func of(_ directory: Path) -> DaemonClient? {
        guard let place = DaemonPlace.of(directory) else { return nil }
        do throws(SystemError) {
            let connection = try LocalSocket.connect(to: place.socket)
            guard LocalSocket.isOurs(connection) else { return nil }
            return DaemonClient(connection)
        } catch {
            return nil
        }
    }

    /// True when somebody has stopped the daemon's process, which answers nothing until it goes on.
    package var isStopped: Bool { ProcessIdentity.isStopped(process) }

    /// The number of its process; 0 where the kernel does not say.
    package var process: Int32 { LocalSocket.peer(of: connection)?.process ?? 0 }

    /// Asks whether to make the result of `key`, and waits while somebody else makes it, for so many nanoseconds at most.
    package func ask(_ key: EntryKey, upTo nanoseconds: Int64) -> Answer {
        guard send(.ask(.ours, key)) else { return .unavailable }
        var patience = Self.patience
        while true {
            guard let reply = receive(upTo: patience) else { return .unavailable }
            switch reply {
            case .lead: return .lead
            case .again: return .again
            case .alone, .refused: return .alone
            case .wait where patience == Self.patience: patience = nanoseconds
            default: return .unavailable
            }
        }
    }

    /// Hands over a publication; false when the daemon does not take it.
    ///
    /// Once it is taken, whoever asks for the key is told to wait for it.
    package func publish(_ key: EntryKey, _ job: [UInt8], with descriptors: [CInt]) -> Bool {
        guard send(.publish(.ours, key, job: job[...]), with: descriptors) else { return false }
        return receive(upTo: Self.patience) == .accepted
    }

    /// Has the daemon bring what remote caches have under `key`; true where it is in the cache now.
    ///
    /// `larder-remote` has shorter time limits of its own; this process waits for at most a minute.
    package func fetch(_ key: EntryKey, from remote: RemoteAccess) -> Bool {
        guard send(.fetch(.ours, remote: remote, key)) else { return false }
        return receive(upTo: 60_000_000_000) == .again
    }

    /// Has the daemon send what has been published to remote caches, when there is time.
    package func offer(manifest: EntryKey, result: EntryKey, to remote: RemoteAccess) {
        _ = send(.offer(.ours, remote: remote, manifest: manifest, result: result))
    }

    /// Waits until everything that the daemon has accepted is done, for so many nanoseconds at most.
    package func drain(upTo nanoseconds: Int64) -> Bool { send(.drain) && receive(upTo: nanoseconds) == .done }

    package func status() -> DaemonStatus? {
        guard send(.status), case .status(let status) = receive(upTo: Self.patience) else { return nil }
        return status
    }

    /// Has the daemon finish what it has accepted and end, and waits for that; false when it is still there after so many
    /// nanoseconds, or stopped by somebody who does not let it go on.
    package func stop(upTo nanoseconds: Int64) -> Bool {
        let end = Clock.monotonic &+ nanoseconds
        guard send(.stop) else { return false }
        var reply = receive(upTo: nanoseconds)
        if reply == nil, isStopped {
            LocalSocket.wake(connection)
            reply = receive(upTo: end &- Clock.monotonic)
        }
        guard reply == .done else { return false }
        // The end of the connection is the end of the process.
        while Clock.monotonic < end {
            guard wait(until: end) else { return false }
            if isEnded { return true }
        }
        return false
    }

    private var isEnded: Bool {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            var descriptors: [SharedDescriptor] = []
            let progress = try? LocalSocket.receive(into: buffer, from: connection, descriptors: &descriptors)
            return progress == .ended || progress == nil
        }
    }

    private func send(_ request: Request, with descriptors: [CInt] = []) -> Bool {
        let bytes = request.frame.bytes
        var descriptors = descriptors
        return bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                switch try? LocalSocket.send(rest, with: descriptors, to: connection) {
                case .bytes(let count):
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                    descriptors = []
                case .wouldBlock:
                    guard wait(toWrite: true, until: Clock.monotonic &+ Self.patience) else { return false }
                case .ended, nil: return false
                }
            }
            return true
        }
    }

    /// Waits for the daemon to say or to hear something; false when the time is up, a signal asks this process to end, or the
    /// daemon is stopped.
    ///
    /// A daemon that lives answers before anybody looks for that the first time.
    private func wait(toWrite writes: Bool = false, until end: Int64) -> Bool {
        var pause: Int64 = 3_000_000
        while true {
            let rest = end &- Clock.monotonic
            if LocalSocket.wait(for: connection, toWrite: writes, upTo: min(rest, pause)) { return true }
            if rest <= pause || Interruption.hasCome || isStopped { return false }
            pause = min(pause * 4, 500_000_000)
        }
    }

    private func receive(upTo nanoseconds: Int64) -> Reply? {
        let end = Clock.monotonic &+ nanoseconds
        var bytes: [UInt8] = []
        while true {
            switch Frame.read(bytes[...], upTo: 4096) {
            // One answer at a time: nothing can follow it yet.
            case .frame(let frame, let length): return length == bytes.count ? try? Reply(frame) : nil
            case .malformed: return nil
            case .partial(let length):
                guard wait(until: end) else { return nil }
                // No more than this frame: a second answer, after a wait, stays where it is.
                let wanted = length.map { $0 - bytes.count } ?? 4 - bytes.count
                var descriptors: [SharedDescriptor] = []
                let isWhole = withUnsafeTemporaryAllocation(byteCount: wanted, alignment: 1) { buffer in
                    switch try? LocalSocket.receive(into: buffer, from: connection, descriptors: &descriptors) {
                    case .bytes(let count):
                        bytes += buffer[..<count]
                        return true
                    case .wouldBlock: return true
                    case .ended, nil: return false
                    }
                }
                guard isWhole else { return nil }
            }
        }
    }
}
