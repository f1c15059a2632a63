/// One access that a process of a traced tree has made.
package struct Note: Equatable, Sendable {
    /// What was called; the grammar and the meaning of each stand in `CTrace/Trace.h`.
    package enum Call: UInt8, Sendable {
        case hello = 1
        case fork = 2
        case object = 3
        case listed = 4
        case exec = 5
        case spawn = 6
        case load = 7
        case open = 10
        case list = 11
        case stat = 12
        case access = 13
        case readlink = 14
        case realpath = 15
        case rename = 20
        case link = 21
        case symlink = 22
        case unlink = 23
        case mkdir = 24
        case rmdir = 25
        case special = 26
        case change = 27
        case temporary = 28
        case chdir = 30
        case variable = 40
        case clock = 41
        case random = 42
        case socket = 43
        case terminal = 44
        case host = 45
        case names = 46
        case unfollowed = 50
    }

    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        package static let nofollow = Flags(rawValue: 1)
        package static let unplaced = Flags(rawValue: 2)
        package static let go = Flags(rawValue: 4)
        package static let directory = Flags(rawValue: 8)
        package static let existed = Flags(rawValue: 16)
    }

    package var call: Call
    package var flags: Flags
    package var process: UInt32
    /// The errno of the call, or 0.
    package var error: Int32
    /// False where the call has not come back: an exec that worked, or a process that was killed.
    package var hasEnded: Bool
    /// Where it lies in the log, and how long the log was when the call had come back.
    package var place: UInt64
    package var end: UInt64
    package var value: UInt64
    package var more: UInt64
    package var first: [UInt8]
    package var second: [UInt8]
}

/// Reads the log of a tree, which any of its programs may have written to.
///
/// The grammar stands in `CTrace/Trace.h`. Whatever the bytes are, reading ends, and takes no more memory than they do by a
/// small factor. What is not understood to its end is nothing: half of the notes would be a wrong answer.
package enum NoteReader {
    package static let version: UInt32 = 1
    package static let headerLength = 64
    private static let noteLength = 48
    private static let magic: [UInt8] = Array("larderT".utf8) + [0]

    /// A new log's header, for a file of `capacity` bytes.
    package static func header(capacity: Int) -> [UInt8] {
        var bytes = magic
        append(version, to: &bytes)
        append(0 as UInt32, to: &bytes)
        append(UInt64(capacity), to: &bytes)
        append(UInt64(headerLength), to: &bytes)
        return bytes + [UInt8](repeating: 0, count: headerLength - bytes.count)
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    /// How many bytes of the log are used, by its header; nil where that is none of ours, or the log was too short.
    package static func used(_ header: [UInt8]) -> Int? {
        guard header.count >= headerLength, header.starts(with: magic), number(header, 8, UInt32.self) == version,
            number(header, 12, UInt32.self) == 0
        else { return nil }
        let (capacity, used) = (number(header, 16, UInt64.self), number(header, 24, UInt64.self))
        guard used >= UInt64(headerLength), used <= capacity, capacity <= 1 << 32 else { return nil }
        return Int(used)
    }

    /// The notes in the used part of a log, header first; nil where it is damaged, or a process was ended in the middle of one.
    package static func notes(_ bytes: [UInt8]) -> [Note]? {
        guard let used = used(bytes), used <= bytes.count else { return nil }
        var notes: [Note] = []
        var place = headerLength
        while place < used {
            guard used - place >= noteLength else { return nil }
            let length = Int(number(bytes, place, UInt32.self))
            guard length >= noteLength, length % 8 == 0, length <= used - place, let note = note(bytes, place, length)
            else {
                return nil
            }
            notes.append(note)
            place += length
        }
        return notes
    }

    private static func note(_ bytes: [UInt8], _ place: Int, _ length: Int) -> Note? {
        let state = bytes[place + 4]
        guard state == 1 || state == 2, let call = Note.Call(rawValue: bytes[place + 5]) else { return nil }
        let first = Int(number(bytes, place + 40, UInt32.self)), second = Int(number(bytes, place + 44, UInt32.self))
        guard first <= length - noteLength, second <= length - noteLength - first else { return nil }
        let text = place + noteLength
        return Note(
            call: call,
            flags: Note.Flags(rawValue: number(bytes, place + 6, UInt16.self)),
            process: number(bytes, place + 8, UInt32.self),
            error: number(bytes, place + 12, Int32.self),
            hasEnded: state == 2,
            place: UInt64(place),
            end: number(bytes, place + 16, UInt64.self),
            value: number(bytes, place + 24, UInt64.self),
            more: number(bytes, place + 32, UInt64.self),
            first: Array(bytes[text..<(text + first)]),
            second: Array(bytes[(text + first)..<(text + first + second)])
        )
    }

    private static func number<I: FixedWidthInteger>(_ bytes: [UInt8], _ place: Int, _: I.Type) -> I {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: I.self) }
    }
}
