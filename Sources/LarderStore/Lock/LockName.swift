internal import Files

/// What a lock is called: letters, digits, `.`, `_` and `-`, at most 100, the first one no dot, and neither `.after.` nor
/// `.tmp.` in it, which the names of a lock's other files have.
///
/// A name is a file's name, the same for every process that means the same thing.
public struct LockName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The name as it was given.
    public let description: String

    /// What a name must be, to follow "it must be".
    package static let accepted =
        "1 to 100 letters, digits, dots, hyphens and underscores, the first one no dot, without .after. or .tmp. in it or "
        + ".previous at its end, and none of \(ours.joined(separator: ", ")), which are the cache's own"

    /// The names of the locks that the cache takes itself.
    private static let ours = ["evict", "journal", "config"]

    /// A name from a literal in the source code; an invalid literal traps.
    ///
    /// The cache's own names are accepted, and taken by the cache at times.
    public init(stringLiteral text: StaticString) {
        precondition(Self.isName(text.description), "a lock's name has \(Self.accepted)")
        self.init(known: text)
    }

    /// Nil where `text` is no name, or one of the cache's own.
    public init?(_ text: String) {
        guard Self.isName(text), !Self.ours.contains(text) else { return nil }
        description = text
    }

    private static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...100).contains(bytes.count), bytes.first != UInt8(ascii: "."), bytes.allSatisfy(isFit) else {
            return false
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return !parts.dropFirst().dropLast().contains { $0 == "after" || $0 == "tmp" }
            && (parts.count == 1 || parts.last != "previous")
    }

    /// A name that is known to be one.
    package init(known text: StaticString) { description = text.description }

    private static func isFit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// The files of one lock.
///
///     locks/<name>.lock                        zero bytes; the kernel's lock is on it
///     locks/<name>.owner                       the record of the holder; exists while somebody holds the lock
///     locks/<name>.owner.tmp.<pid>.<random>    a record before it has that name
///     locks/<name>.after.<id>.<level>          held by the one process that may replace the record `<id>`
///     locks/<name>.without.tmp.<pid>.<random>  the record of a process that does without the lock what that is for
struct LockPlace: Sendable {
    let name: LockName
    let directory: Path
    let lock: Path
    let owner: Path
    /// What the names of the records of ``UnlockedWork`` begin with.
    let unlocked: Path

    init(_ name: LockName, in store: Path) {
        self.name = name
        directory = Self.directory(in: store)
        let stem = directory.appending(name.description)
        lock = stem.appending(suffix: ".lock")
        owner = stem.appending(suffix: ".owner")
        unlocked = stem.appending(suffix: ".without")
    }

    static func directory(in store: Path) -> Path { store.appending("locks") }

    /// Whether `name` is a file that ``succession(to:level:)`` has named, and not one of a lock itself.
    static func isSuccession(_ name: ArraySlice<UInt8>) -> Bool {
        let parts = String(decoding: name, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[parts.count - 3] == "after" else { return false }
        let (id, level) = (parts[parts.count - 2], parts[parts.count - 1])
        guard !level.isEmpty, level.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        let unread = "unread-"
        if id.hasPrefix(unread) { return UInt64(id.dropFirst(unread.count)) != nil }
        return id.utf8.count == 32 && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Whether `name` is a record before it has its name, and not a file of a lock that is called like one.
    static func isTemporary(_ name: ArraySlice<UInt8>) -> Bool {
        guard Leftover.maker(ofTemporary: name) != nil else { return false }
        return [".lock", ".owner"].allSatisfy { !name.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }

    /// The name that only one process can have, which then may replace or remove the record called `id`.
    func succession(to id: String, level: Int) -> Path { directory.appending("\(name).after.\(id).\(level)") }
}
