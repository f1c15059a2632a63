/// What a ``Snapshot`` can hold.
public protocol SnapshotDocument {
    /// What kind of document it is, with the version of its bytes: `jdk-catalogue-1`.
    ///
    /// Letters, digits, `-`, `_` and `.`, at most 64. Another kind reads as an unusable document.
    static var kind: String { get }

    /// Reads what ``snapshotBytes()`` made; throws where it cannot.
    init(snapshotBytes bytes: [UInt8]) throws

    /// The bytes that are kept.
    func snapshotBytes() throws -> [UInt8]

    /// Throws where the document, just made, must not replace a good one: it is empty, or half of it is missing.
    func validate() throws
}

/// A document that was read.
public struct SnapshotCopy<Document> {
    /// The document.
    public let document: Document
    /// When it was published, in milliseconds since 1970.
    public let writtenAt: Int64
    /// The length of its file in bytes.
    public let fileSize: Int
    /// What a person should know of how it was published; nil for nothing.
    public let warning: String?
    /// Which file it was: another one after each publication.
    let identity: FileMark

    /// Milliseconds since it was published; negative when the clock was set back.
    public var age: Int64 { FileMark.now - writtenAt }

    /// Whether it was published more than `milliseconds` ago, or in the future, which is as good as unknown.
    public func isOlder(than milliseconds: Int64) -> Bool { age < 0 || age > milliseconds }
}

extension SnapshotCopy: Sendable where Document: Sendable {}

/// What there is to read.
public enum SnapshotReading<Document> {
    /// Nobody has published one.
    case absent
    /// There is something that is no such document; treat it as absent.
    case unusable(SnapshotDefect)
    /// The document, whole.
    case present(SnapshotCopy<Document>)

    /// The copy, where there is one.
    public var copy: SnapshotCopy<Document>? {
        if case .present(let copy) = self { copy } else { nil }
    }
}

extension SnapshotReading: Sendable where Document: Sendable {}
