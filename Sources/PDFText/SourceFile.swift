internal import Files
internal import LarderStore

/// A PDF file that is open, and the digest of what poppler will read of it.
struct SourceFile: ~Copyable {
    let digest: Digest
    /// What the tools get as their standard input.
    let file: Descriptor
    /// The identity under which the file always has this content; nil where there is none.
    let proven: FileIdentity?
    /// False for a copy in memory, which nobody can change.
    private let isShared: Bool

    /// Up to this length a file is read once, into memory: poppler then reads the very bytes that the digest is of,
    /// whatever happens to the file.
    private static let copyLimit = 64 << 20
    /// The longest input that has no length of its own, such as a pipe.
    private static let streamLimit = 1 << 30

    init(opening path: Path) throws(SystemError) {
        let original = try Descriptor(reading: path)
        let status = try original.status()
        let isProvable = status.identity.settles() && status.identity.provesContent(at: path)
        if status.size <= Self.copyLimit, let copy = Self.copy(of: original) {
            let isUnchanged = try original.status().identity == status.identity
            (digest, isShared) = (copy.digest, false)
            proven = isProvable && isUnchanged ? status.identity : nil
            file = copy.takeFile()
        } else {
            let digest = try Self.digest(ofWhole: original)
            let isUnchanged = try original.status().identity == status.identity
            (self.digest, isShared) = (digest, true)
            proven = isProvable && isUnchanged ? status.identity : nil
            file = original
        }
    }

    private init(copy: consuming Descriptor, digest: Digest) {
        (self.digest, proven, isShared) = (digest, nil, false)
        file = copy
    }

    /// Nil where there is no room for it: then the file itself has to do.
    private static func copy(of original: borrowing Descriptor) -> SourceFile? {
        guard let copy = try? Descriptor.inMemory(),
            let digest = try? self.copy(original, to: copy, limit: copyLimit)
        else { return nil }
        return SourceFile(copy: copy, digest: digest)
    }

    private static func digest(ofWhole file: borrowing Descriptor) throws(SystemError) -> Digest {
        try file.seek(to: 0)
        return try Digest.ofFile(file)
    }

    /// Takes what comes from standard input, for as long as nobody wants to stop.
    init(reading stream: StandardStream, unless cancellation: Cancellation?) throws(SystemError) {
        let original = try Descriptor(duplicating: stream)
        let copy = try Descriptor.inMemory()
        digest = try Self.copy(original, to: copy, limit: Self.streamLimit, unless: cancellation)
        file = copy
        proven = nil
        isShared = false
    }

    /// True where poppler has read what the digest is of.
    ///
    /// Asked after poppler has read it.
    var isAsDigested: Bool {
        guard isShared else { return true }
        guard let proven, let now = try? file.status().identity else { return false }
        return now == proven
    }

    /// Leaves the open file and nothing else.
    consuming func takeFile() -> Descriptor { file }

    private static func copy(
        _ source: borrowing Descriptor,
        to target: borrowing Descriptor,
        limit: Int,
        unless cancellation: Cancellation? = nil
    ) throws(SystemError) -> Digest {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        var running = Digest.Running()
        var length = 0
        while true {
            guard source.waitToRead(unless: cancellation) else { throw .interrupted }
            let count = try source.read(into: buffer)
            if count == 0 { return running.finish() }
            length += count
            // It has grown since we asked, or is a pipe without an end.
            guard length <= limit else { throw .tooLong }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            running.update(bytes)
            try target.write(bytes)
        }
    }
}

/// What is known of the content of files whose identity proves it, so that a hit need not read a large one.
enum DigestRecord {
    private static let part = "digest"

    static func key(_ identity: FileIdentity) -> EntryKey {
        var key = KeyBuilder(domain: "pdf-file-1")
        key.add(identity)
        return key.finish()
    }

    static func load(_ identity: FileIdentity, from store: EntryStore) -> Digest? {
        store.value(for: key(identity)).bytes(of: part).flatMap { Digest(bytes: $0) }
    }

    static func save(_ digest: Digest, of identity: FileIdentity, in store: EntryStore) {
        let part = NewPart(part, .bytes(digest.bytes), codec: .stored)
        _ = try? store.publish(key(identity), kind: EntryKind.documentDigest.rawValue, parts: [part])
    }
}
