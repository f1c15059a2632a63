internal import Files

/// What a lock is called: letters, digits, `.`, `_` and `-`, at most 100, the first one no dot.
///
/// A name is a file's name, the same for every process that means the same thing.
public struct LockName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The name as it was given.
    public let description: String

    /// What a name must be, to follow "it must be".
    package static let accepted = "1 to 100 letters, digits, dots, hyphens and underscores, the first one no dot"

    /// Nil where `text` is no name.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...100).contains(bytes.count), bytes.first != UInt8(ascii: "."), bytes.allSatisfy(Self.isFit) else {
            return nil
        }
        description = text
    }

    /// A name that stands in the program; one that is none is an error of the program's.
    public init(stringLiteral text: StaticString) {
        precondition(LockName(text.description) != nil, "a lock's name has \(Self.accepted)")
        description = text.description
    }

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
struct LockPlace: Sendable {
    let name: LockName
    let directory: Path
    let lock: Path
    let owner: Path

    init(_ name: LockName, in store: Path) {
        self.name = name
        directory = Self.directory(in: store)
        let stem = directory.appending(name.description)
        lock = stem.appending(suffix: ".lock")
        owner = stem.appending(suffix: ".owner")
    }

    static func directory(in store: Path) -> Path { store.appending("locks") }

    /// The name that only one process can have, which then may replace or remove the record called `id`.
    func succession(to id: String, level: Int) -> Path { directory.appending("\(name).after.\(id).\(level)") }
}
