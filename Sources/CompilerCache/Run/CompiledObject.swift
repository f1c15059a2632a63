internal import Files
internal import LarderStore

/// The object that the compiler has made, as an open file: it stays this object even if its name gets another file.
struct CompiledObject: ~Copyable {
    /// A longer one is not searched for the names of places.
    static let searchLimit = 64 << 20

    let file: Descriptor
    /// As the compiler left it.
    let size: Int
    let modified: Int64
    /// Of the bytes, as the process saw them that ran the compiler; nil in that process.
    ///
    /// A change within one tick of the clock leaves the times as they are. Between a compile and its publication by
    /// another process is time enough for the user's next command to be that change.
    let checksum: Checksum?

    init?(_ path: Path) {
        guard let file = try? Descriptor(reading: path) else { return nil }
        self.init(file)
    }

    private init?(_ file: consuming Descriptor) {
        guard let status = try? file.status(), status.kind == .regular else { return nil }
        self.file = file
        (size, modified, checksum) = (status.size, status.identity.modified, nil)
    }

    init(_ file: consuming Descriptor, size: Int, modified: Int64, checksum: Checksum) {
        self.file = file
        (self.size, self.modified, self.checksum) = (size, modified, checksum)
    }

    /// False once somebody has written into it.
    ///
    /// The change time says nothing: giving the file its name moves that, and so does whoever takes the name away.
    var isUnchanged: Bool {
        guard let status = try? file.status() else { return false }
        return status.size == size && status.identity.modified == modified
    }

    /// False where its time is before `moment`, when it was not there yet; see ``FileIdentity/isStamped(since:)``.
    func isStamped(since moment: Int64) -> Bool {
        (try? file.status().identity.isStamped(since: moment)) ?? false
    }

    /// All of it; nil where it is not as long as it was.
    func bytes() -> [UInt8]? {
        // One more than there should be: a file that has grown is another one.
        guard let bytes = try? file.bytes(at: 0, count: size + 1), bytes.count == size else { return nil }
        return bytes
    }
}
