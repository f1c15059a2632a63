internal import Files

/// Why a file is no document that can be used; the raw values are for people.
public enum SnapshotDefect: String, Error, Sendable, CustomStringConvertible {
    case empty = "it is empty"
    case foreign = "it is no snapshot of Larder's"
    case version = "another version of Larder wrote it"
    case kind = "it holds another kind of document"
    case length = "it is cut off, or too long"
    case damaged = "its content is not what was written"
    case undecodable = "its content cannot be understood"
    case unreadable = "the system would not let us read it"
    case tooLarge = "it is larger than 256 MiB"

    /// The reason, to follow the name of the file.
    public var description: String { rawValue }
}

/// The file of a snapshot.
///
///     file    ::= "larder-snapshot " version " " kind " " time " " length " xxh3-128:" sum LF body
///     version ::= "1"
///     kind    ::= 1 to 64 of letters, digits, "-", "_", "."
///     time    ::= milliseconds since 1970, decimal
///     length  ::= bytes of the body, decimal; the file ends with them
///     sum     ::= 32 hexadecimal digits, high half first: XXH3-128 of the line up to and with the space before
///                 "xxh3-128:", followed by the body
///
/// The first line is at most 256 bytes. Readers take no lock; what is not just that is no document.
///
/// Version history: 1, the first.
enum SnapshotFormat {
    static let magic = "larder-snapshot "
    static let version = "1"
    static let maximumHead = 256
    static let maximumBody = 256 << 20
    private static let algorithm = "xxh3-128:"

    static func encode(kind: String, writtenAt: Int64, body: [UInt8]) -> [UInt8] {
        let head = Array("\(magic)\(version) \(kind) \(writtenAt) \(body.count) ".utf8)
        return head + Array("\(algorithm)\(sum(of: head[...], body[...]))\n".utf8) + body
    }

    static func decode(_ bytes: [UInt8], kind: String) throws(SnapshotDefect) -> (
        writtenAt: Int64, body: ArraySlice<UInt8>
    ) {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.starts(with: magic.utf8) else {
            // Blocks that never reached the disk.
            throw bytes.prefix(maximumHead).allSatisfy({ $0 == 0 }) ? .empty : .foreign
        }
        guard let end = bytes.prefix(maximumHead).firstIndex(of: UInt8(ascii: "\n")) else { throw .length }
        let words = bytes[..<end].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count >= 2, words[1].elementsEqual(version.utf8) else { throw .version }
        guard words.count == 6 else { throw .foreign }
        guard words[2].elementsEqual(kind.utf8) else { throw .kind }
        guard let writtenAt = Int64(String(decoding: words[3], as: UTF8.self)), writtenAt >= 0,
            let length = Int(String(decoding: words[4], as: UTF8.self)), length >= 0
        else { throw .damaged }
        let body = bytes[(end + 1)...]
        guard body.count == length else { throw .length }
        let sum = sum(of: bytes[..<words[5].startIndex], body)
        guard words[5].elementsEqual("\(algorithm)\(sum)".utf8) else { throw .damaged }
        return (writtenAt, body)
    }

    static func isKind(_ kind: String) -> Bool { kind.utf8.count <= 64 && LockName(kind) != nil }

    private static func sum(of head: ArraySlice<UInt8>, _ body: ArraySlice<UInt8>) -> String {
        guard let running = Checksum.Running() else { return "" }
        head.withUnsafeBytes { running.update($0) }
        body.withUnsafeBytes { running.update($0) }
        let sum = running.finish()
        return hex(sum.high) + hex(sum.low)
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Which file was read, to tell whether somebody has published another since.
struct FileMark: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let changed: Int64

    /// Milliseconds since 1970.
    static var now: Int64 { Clock.wall / 1_000_000 }
}
