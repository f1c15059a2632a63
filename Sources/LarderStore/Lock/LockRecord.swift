internal import Files

/// Who holds a lock, as far as a person wants to know.
public struct LockOwner: Hashable, Sendable, CustomStringConvertible {
    /// The number of the process on its host.
    public let process: Int32
    /// The name of its machine.
    public let host: String
    /// Since when, in milliseconds since 1970 by its clock.
    public let since: Int64
    /// What it does with the lock.
    public let purpose: String
    /// The words by which it was called.
    public let command: String
    /// What keeps the lock.
    public let backend: LockBackend
    /// Whether it is another machine, or a container that does not look like this one.
    public let isElsewhere: Bool

    /// `process 123 (larder jdk refresh)`, with the host where it is not this one.
    public var description: String {
        let called = command.isEmpty ? purpose : command
        return "process \(process)" + (called.isEmpty ? "" : " (\(called))") + (isElsewhere ? " on \(host)" : "")
    }
}

/// The record beside a lock while somebody holds it.
///
///     record   ::= "larder-owner 1" LF field* "end" LF          at most 1024 bytes
///     field    ::= "id " 32 hexadecimal digits LF               another one each time the lock is taken
///                | "backend " ( "advisory" | "lease" ) LF
///                | "pid " n LF                                  0 or more; as the process's own space counts
///                | "started " n LF                              clock ticks after boot
///                | "space " n LF                                inode number of the process's pid namespace
///                | "boot " word LF                              /proc/sys/kernel/random/boot_id
///                | "host " word LF
///                | "since " n LF                                milliseconds since 1970
///                | "expiry " n LF                               milliseconds without a renewal that mean death
///                | "purpose " text LF | "command " text LF      no control characters
///
/// The file's modification time is the last sign of life. A field that is not known is skipped, so that a version may
/// add some. What does not read as a record, also an empty file, is the record of somebody unknown: it holds the lock
/// as long as the file is renewed.
///
/// Version history: 1, the first.
struct LockRecord: Hashable, Sendable {
    var id: String
    var backend: LockBackend
    var process: ProcessIdentity
    var since: Int64
    /// Nanoseconds.
    var expiry: Int64
    var purpose: String
    var command: String

    static let title = "larder-owner 1"
    static let maximumLength = 1024

    /// The record of this process, which takes the lock now.
    init(_ backend: LockBackend, purpose: String, timing: LeaseTiming) {
        id = Self.hex(UInt64.random(in: 0...UInt64.max)) + Self.hex(UInt64.random(in: 0...UInt64.max))
        self.backend = backend
        process = .current
        since = Clock.wall / 1_000_000
        expiry = timing.expiry
        self.purpose = Self.cleaned(purpose)
        command = ProcessIdentity.currentCommand
    }

    var owner: LockOwner {
        LockOwner(
            process: process.id,
            host: process.host,
            since: since,
            purpose: purpose,
            command: command,
            backend: backend,
            isElsewhere: process.host != ProcessIdentity.current.host || !process.isUnderOurKernel
        )
    }

    func encoded() -> [UInt8] {
        // Every lock that is taken comes by here: what never changes is made once, the rest without interpolation.
        var text = Self.title
        text += "\nid "
        text += id
        text += "\nbackend "
        text += backend.rawValue
        text += "\nsince "
        text += String(since)
        text += "\nexpiry "
        text += String(expiry / 1_000_000)
        text += "\npurpose "
        text += purpose
        text += process == .current && command == ProcessIdentity.currentCommand ? Self.ownLines : lines
        text += "end\n"
        return Array(text.utf8)
    }

    /// The fields that say which process it is.
    private var lines: String {
        """

        pid \(process.id)
        started \(process.started)
        space \(process.space)
        boot \(process.boot)
        host \(process.host)
        command \(command)

        """
    }

    private static let ownLines = LockRecord(.advisory, purpose: "", timing: LeaseTiming()).lines

    /// Nil where `bytes` are no record, or not the whole of one.
    init?(decoding bytes: [UInt8]) {
        guard bytes.count <= Self.maximumLength else { return nil }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        // "end", then what follows the last line end: nothing.
        guard lines.popFirst()?.elementsEqual(Self.title.utf8) == true, lines.popLast()?.isEmpty == true,
            lines.popLast()?.elementsEqual("end".utf8) == true
        else { return nil }
        var fields: [String: String] = [:]
        for line in lines {
            guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { continue }
            let text = line[(space + 1)...].map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }
            fields[String(decoding: line[..<space], as: UTF8.self)] = String(decoding: text, as: UTF8.self)
        }
        func number(_ name: String) -> Int64? { fields[name].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil } }
        guard let id = fields["id"], id.utf8.count == 32, id.utf8.allSatisfy(Self.isHexDigit),
            let backend = fields["backend"].flatMap(LockBackend.init),
            let pid = number("pid").flatMap({ Int32(exactly: $0) }), let started = number("started"),
            let since = number("since"), let expiry = number("expiry")
        else { return nil }
        self.id = id
        self.backend = backend
        process = ProcessIdentity(
            id: pid,
            started: started,
            space: fields["space"].flatMap { UInt64($0) } ?? 0,
            boot: fields["boot"] ?? "",
            host: fields["host"] ?? ""
        )
        self.since = since
        // Whatever it promises: more than a second, so that nobody is robbed, and less than ten minutes.
        self.expiry = min(max(expiry, 1000), 600_000) * 1_000_000
        purpose = fields["purpose"] ?? ""
        command = fields["command"] ?? ""
    }

    /// At most 120 bytes, and nothing in them that would end a line.
    private static func cleaned(_ text: String) -> String {
        let bytes = text.utf8.prefix(120).map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// What stands beside a lock: a record, or something that claims it and cannot be read.
struct FoundRecord: Sendable {
    /// Nil where it is none.
    let record: LockRecord?
    /// Its last sign of life, in nanoseconds since 1970 by the file system's clock.
    let renewed: Int64
    private let identity: FileIdentity

    /// What may be in the name of a file: the record's own id, else what the file is.
    var id: String { record?.id ?? "unread-\(identity.inode)" }

    /// Whose lock it is, where that can be told.
    var owner: LockOwner? { record?.owner }

    /// Reads the record at `path`; nil when there is none.
    static func at(_ path: Path) throws(SystemError) -> FoundRecord? {
        do throws(SystemError) {
            let file = try Descriptor(readingItself: path)
            let status = try file.status()
            let bytes = try file.bytes(at: 0, count: LockRecord.maximumLength + 1)
            return FoundRecord(
                record: status.kind == .regular ? LockRecord(decoding: bytes) : nil,
                renewed: status.identity.modified,
                identity: status.identity
            )
        } catch {
            if error.isAbsence || error.isStaleHandle { return nil }
            throw error
        }
    }
}
