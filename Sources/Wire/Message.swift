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
///     greeting ::= text flag [namespace:u64 device:u64 inode:u64]
///     key      ::= 32 bytes
///     text     ::= length:u32 byte*
package enum Request: Equatable, Sendable {
    case ask(Greeting, EntryKey)
    /// The job's bytes are between the front end's two halves: nobody else looks into them.
    case publish(Greeting, EntryKey, job: ArraySlice<UInt8>)
    case drain
    case status
    case stop

    package var frame: Frame {
        var writer = ByteWriter()
        let kind: UInt8
        switch self {
        case .ask(let greeting, let key):
            kind = 1
            Self.add(greeting, key, to: &writer)
        case .publish(let greeting, let key, let job):
            kind = 2
            Self.add(greeting, key, to: &writer)
            return Frame(kind: kind, payload: (writer.bytes + job)[...])
        case .drain: kind = 3
        case .status: kind = 4
        case .stop: kind = 5
        }
        return Frame(kind: kind, payload: writer.bytes[...])
    }

    package init(_ frame: Frame) throws(ByteReader.Malformed) {
        var reader = ByteReader(frame.payload)
        switch frame.kind {
        case 1: self = .ask(try Self.greeting(&reader), try Self.key(&reader))
        case 2:
            let (greeting, key) = (try Self.greeting(&reader), try Self.key(&reader))
            self = .publish(greeting, key, job: reader.remainder)
            return
        case 3: self = .drain
        case 4: self = .status
        case 5: self = .stop
        default: throw ByteReader.Malformed()
        }
        try reader.end()
    }

    private static func add(_ greeting: Greeting, _ key: EntryKey, to writer: inout ByteWriter) {
        writer.add(greeting.version)
        writer.add(greeting.view != nil)
        if let view = greeting.view {
            writer.add(view.namespace)
            writer.add(view.rootDevice)
            writer.add(view.rootInode)
        }
        for byte in key.digest.bytes { writer.add(byte) }
    }

    private static func greeting(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> Greeting {
        let version = try reader.string()
        guard try reader.flag() else { return Greeting(version: version, view: nil) }
        let view = FileView(
            namespace: try reader.unsigned(),
            rootDevice: try reader.unsigned(),
            rootInode: try reader.unsigned()
        )
        return Greeting(version: version, view: view)
    }

    private static func key(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> EntryKey {
        guard let digest = Digest(bytes: try reader.take(32)) else { throw ByteReader.Malformed() }
        return EntryKey(digest: digest)
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
package enum Reply: Equatable, Sendable {
    case lead, wait, again, alone, accepted
    case refused(String)
    case status(DaemonStatus)
    case done

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

    package init() {}

    /// On the wire in this order; a later version adds behind.
    fileprivate var numbers: [Int64] {
        get {
            [
                process, since, pending, working, published, dropped, refused, flights, waiting, coalesced, connections,
                residentBytes,
            ]
        }
        set {
            (process, since, pending, working) = (newValue[0], newValue[1], newValue[2], newValue[3])
            (published, dropped, refused, flights) = (newValue[4], newValue[5], newValue[6], newValue[7])
            (waiting, coalesced, connections, residentBytes) = (newValue[8], newValue[9], newValue[10], newValue[11])
        }
    }
}
