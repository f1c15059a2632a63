package import Files
package import LarderStore

/// Who says something: which program, and which files its paths mean.
package struct Greeting: Equatable, Sendable {
    /// As ``Version/text``.
    package var version: String
    /// Nil where the system does not say.
    package var view: FileView?

    package init(version: String, view: FileView?) { (self.version, self.view) = (version, view) }

    package static var ours: Greeting { Greeting(version: Version.text, view: .current) }
}

/// What is said to the daemon.
///
///     ask      1  greeting key        may this process make the result of `key`, or does somebody else?
///     publish  2  greeting key job    keep this; descriptors come with the first byte
///     drain    3                      answered when everything that was accepted so far is done
///     status   4
///     stop     5                      accept nothing more, finish what was accepted, end
///     fetch    6  greeting access key            bring into the cache what a remote one has under `key`
///     offer    7  greeting access key key        a manifest and a result have been published: send them to a remote cache
///     brought  8  number:u64 flag                to a `wanted`: whether it is in the cache now
///     sent     9  number:u64                     to a `send`: it has been sent, or never will be
///     greeting ::= text flag [namespace:u64 device:u64 inode:u64]
///     key      ::= 32 bytes
///     text     ::= length:u32 byte*
///     access   ::= text text text                as the settings `remote`, `remote_trust` and `remote_key` have them
package enum Request: Equatable, Sendable {
    case ask(Greeting, EntryKey)
    /// The job's bytes are between the front end's two halves: nobody else looks into them.
    case publish(Greeting, EntryKey, job: ArraySlice<UInt8>)
    case drain
    case status
    case stop
    case fetch(Greeting, remote: RemoteAccess, EntryKey)
    case offer(Greeting, remote: RemoteAccess, manifest: EntryKey, result: EntryKey)
    case brought(UInt64, Bool)
    case sent(UInt64)

    package var frame: Frame {
        var writer = ByteWriter()
        let kind: UInt8
        switch self {
        case .ask(let greeting, let key):
            kind = 1
            greeting.add(to: &writer)
            key.add(to: &writer)
        case .publish(let greeting, let key, let job):
            kind = 2
            greeting.add(to: &writer)
            key.add(to: &writer)
            return Frame(kind: kind, payload: (writer.bytes + job)[...])
        case .drain: kind = 3
        case .status: kind = 4
        case .stop: kind = 5
        case .fetch(let greeting, let remote, let key):
            kind = 6
            greeting.add(to: &writer)
            remote.add(to: &writer)
            key.add(to: &writer)
        case .offer(let greeting, let remote, let manifest, let result):
            kind = 7
            greeting.add(to: &writer)
            remote.add(to: &writer)
            manifest.add(to: &writer)
            result.add(to: &writer)
        case .brought(let number, let isThere):
            kind = 8
            writer.add(number)
            writer.add(isThere)
        case .sent(let number):
            kind = 9
            writer.add(number)
        }
        return Frame(kind: kind, payload: writer.bytes[...])
    }

    package init(_ frame: Frame) throws(ByteReader.Malformed) {
        var reader = ByteReader(frame.payload)
        switch frame.kind {
        case 1: self = .ask(try Greeting(&reader), try EntryKey(&reader))
        case 2:
            let (greeting, key) = (try Greeting(&reader), try EntryKey(&reader))
            self = .publish(greeting, key, job: reader.remainder)
            return
        case 3: self = .drain
        case 4: self = .status
        case 5: self = .stop
        case 6: self = .fetch(try Greeting(&reader), remote: try RemoteAccess(&reader), try EntryKey(&reader))
        case 7:
            self = .offer(
                try Greeting(&reader),
                remote: try RemoteAccess(&reader),
                manifest: try EntryKey(&reader),
                result: try EntryKey(&reader)
            )
        case 8: self = .brought(try reader.unsigned(), try reader.flag())
        case 9: self = .sent(try reader.unsigned())
        default: throw ByteReader.Malformed()
        }
        try reader.end()
    }
}

extension Greeting {
    fileprivate func add(to writer: inout ByteWriter) {
        writer.add(version)
        writer.add(view != nil)
        if let view {
            writer.add(view.namespace)
            writer.add(view.rootDevice)
            writer.add(view.rootInode)
        }
    }

    fileprivate init(_ reader: inout ByteReader) throws(ByteReader.Malformed) {
        version = try reader.string()
        view = nil
        guard try reader.flag() else { return }
        view = FileView(
            namespace: try reader.unsigned(),
            rootDevice: try reader.unsigned(),
            rootInode: try reader.unsigned()
        )
    }
}

extension RemoteAccess {
    package func add(to writer: inout ByteWriter) { for text in [addresses, trusted, key] { writer.add(text) } }

    package init(_ reader: inout ByteReader) throws(ByteReader.Malformed) {
        self.init(addresses: try reader.text(), trusted: try reader.text(), key: try reader.text())
    }
}

extension EntryKey {
    fileprivate func add(to writer: inout ByteWriter) { for byte in digest.bytes { writer.add(byte) } }

    fileprivate init(_ reader: inout ByteReader) throws(ByteReader.Malformed) {
        guard let digest = Digest(bytes: try reader.take(32)) else { throw ByteReader.Malformed() }
        self.init(digest: digest)
    }
}

/// What the daemon says.
///
///     lead      65            make it; others wait for you for as long as this connection lasts
///     wait      66            somebody makes it: another answer follows
///     again     67            it has been made: look again
///     alone     68            make it, and wait for nobody
///     accepted  69            it will be kept; the key has been registered before this was said
///     refused   70  text      it will not: keep it yourself
///     status    71  number*   see DaemonStatus
///     done      72
///     wanted    73  number:u64 key        to `larder-remote`: bring it into the cache, and say `brought`
///     send      74  number:u64 key key    to `larder-remote`: send this manifest and this result, and say `sent`
package enum Reply: Equatable, Sendable {
    case lead, wait, again, alone, accepted
    case refused(String)
    case status(DaemonStatus)
    case done
    case wanted(UInt64, EntryKey)
    case send(UInt64, manifest: EntryKey, result: EntryKey)

    package var frame: Frame {
        var writer = ByteWriter()
        let kind: UInt8
        switch self {
        case .lead: kind = 65
        case .wait: kind = 66
        case .again: kind = 67
        case .alone: kind = 68
        case .accepted: kind = 69
        case .refused(let reason):
            kind = 70
            writer.add(reason)
        case .status(let status):
            kind = 71
            writer.add(status.version)
            for number in status.numbers { writer.add(number) }
        case .done: kind = 72
        case .wanted(let number, let key):
            kind = 73
            writer.add(number)
            key.add(to: &writer)
        case .send(let number, let manifest, let result):
            kind = 74
            writer.add(number)
            manifest.add(to: &writer)
            result.add(to: &writer)
        }
        return Frame(kind: kind, payload: writer.bytes[...])
    }

    package init(_ frame: Frame) throws(ByteReader.Malformed) {
        var reader = ByteReader(frame.payload)
        switch frame.kind {
        case 65: self = .lead
        case 66: self = .wait
        case 67: self = .again
        case 68: self = .alone
        case 69: self = .accepted
        case 70: self = .refused(try reader.string())
        case 71:
            var status = DaemonStatus()
            status.version = try reader.string()
            var numbers: [Int64] = []
            for _ in status.numbers { numbers.append(try reader.integer()) }
            status.numbers = numbers
            self = .status(status)
        case 72: self = .done
        case 73: self = .wanted(try reader.unsigned(), try EntryKey(&reader))
        case 74:
            self = .send(try reader.unsigned(), manifest: try EntryKey(&reader), result: try EntryKey(&reader))
        default: throw ByteReader.Malformed()
        }
        try reader.end()
    }
}

/// What a daemon does at a moment.
package struct DaemonStatus: Equatable, Sendable {
    package var version = ""
    package var process: Int64 = 0
    /// Milliseconds since 1970.
    package var since: Int64 = 0
    /// Publications that were accepted and are not finished.
    package var pending: Int64 = 0
    /// Those of them that a thread works on.
    package var working: Int64 = 0
    /// Results that were kept, and that were not, since the daemon was started.
    package var published: Int64 = 0
    package var dropped: Int64 = 0
    /// Publications that were sent back to their launcher.
    package var refused: Int64 = 0
    /// Results that a launcher is making, and launchers that wait for one.
    package var flights: Int64 = 0
    package var waiting: Int64 = 0
    /// Launchers that have waited instead of compiling.
    package var coalesced: Int64 = 0
    package var connections: Int64 = 0
    package var residentBytes: Int64 = 0
    /// Results that are on their way to remote caches, and those that were too many to be sent.
    package var sending: Int64 = 0
    package var unsent: Int64 = 0

    package init() {}

    /// On the wire in this order; a later version adds behind.
    fileprivate var numbers: [Int64] {
        get {
            [
                process, since, pending, working, published, dropped, refused, flights, waiting, coalesced, connections,
                residentBytes, sending, unsent,
            ]
        }
        set {
            (process, since, pending, working) = (newValue[0], newValue[1], newValue[2], newValue[3])
            (published, dropped, refused, flights) = (newValue[4], newValue[5], newValue[6], newValue[7])
            (waiting, coalesced, connections, residentBytes) = (newValue[8], newValue[9], newValue[10], newValue[11])
            (sending, unsent) = (newValue[12], newValue[13])
        }
    }
}
