internal import Files
internal import LarderStore

/// What was done to a project, so that it can be taken back: `.larder/init` in the project.
///
///     <record>    ::= "larder-init 1\n" <file>* <directory>* "end " <digest> "\n"
///     <file>      ::= "file " <length of name> " " <length or "-"> " " <length> "\n" <name> <before> <after> "\n"
///     <directory> ::= "directory " <length> "\n" <name> "\n"
///
/// `-` is a file that was not there; the digest is that of all bytes before its line. It is written, and flushed, before the
/// first file is touched, so whoever was killed at any moment can be taken back: a file that is as it was before needs nothing.
struct SetupRecord {
    struct File: Equatable {
        let name: String
        var before: [UInt8]?
        let after: [UInt8]
    }

    var files: [File] = []
    /// Those that were made.
    var directories: [String] = []

    /// The only names that a record may hold: it lies in the project, where others may have put it.
    static let names: Set = [
        "CMakeUserPresets.json", ".cargo/config.toml", ".cargo/config", "larder-native.ini", ".larder.conf",
    ]
    static let directoryNames: Set = [".cargo"]

    var isEmpty: Bool { files.isEmpty && directories.isEmpty }

    // MARK: - Bytes

    var bytes: [UInt8] {
        var text = Array("larder-init 1\n".utf8)
        for file in files {
            let before = file.before.map { "\($0.count)" } ?? "-"
            text += Array("file \(file.name.utf8.count) \(before) \(file.after.count)\n".utf8)
            text += Array(file.name.utf8) + (file.before ?? []) + file.after + [UInt8(ascii: "\n")]
        }
        for name in directories { text += Array("directory \(name.utf8.count)\n\(name)\n".utf8) }
        return text + Array("end \(Digest.of(text).hex)\n".utf8)
    }

    init() {}

    /// Nil for bytes that are no whole record.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard reader.line() == "larder-init 1" else { return nil }
        while true {
            let start = reader.position
            guard let words = reader.line()?.split(separator: " ", omittingEmptySubsequences: false) else { return nil }
            switch words.first {
            case "file" where words.count == 4:
                let hasBefore = words[2] != "-"
                guard let name = reader.text(words[1]), Self.names.contains(name),
                    let before = reader.take(hasBefore ? words[2] : "0"), let after = reader.take(words[3]),
                    reader.line() == ""
                else { return nil }
                files.append(File(name: name, before: hasBefore ? before : nil, after: after))
            case "directory" where words.count == 2:
                guard let name = reader.text(words[1]), Self.directoryNames.contains(name), reader.line() == "" else {
                    return nil
                }
                directories.append(name)
            case "end" where words.count == 2:
                guard reader.position == bytes.count, Digest(hex: String(words[1])) == Digest.of(Array(bytes[..<start]))
                else {
                    return nil
                }
                return
            default: return nil
            }
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        private(set) var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func line() -> String? {
            guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { position = end + 1 }
            return String(decoding: bytes[position..<end], as: UTF8.self)
        }

        mutating func take(_ length: some StringProtocol) -> [UInt8]? {
            guard let count = Int(length), count >= 0, count <= bytes.count - position else { return nil }
            defer { position += count }
            return Array(bytes[position..<(position + count)])
        }

        mutating func text(_ length: some StringProtocol) -> String? {
            take(length).map { String(decoding: $0, as: UTF8.self) }
        }
    }
}

/// Where the record is: a directory of its own, which git does not show.
struct SetupRecordPlace {
    let directory: Path
    var file: Path { directory.appending("init") }
    private var ignore: Path { directory.appending(".gitignore") }
    private static let ignoreAll = Array("*\n".utf8)

    init(in project: ProjectDirectory) { directory = project.path.appending(".larder") }

    /// What is recorded; nil where nothing is.
    func read() throws(SetupProblem) -> SetupRecord? {
        if let kind = FileStatus.ofLink(directory)?.kind, kind != .directory {
            throw SetupProblem("\(directory) is no directory, so what was done to the project cannot be noted there")
        }
        guard let status = FileStatus.ofLink(file) else { return nil }
        guard status.kind == .regular, status.owner == CurrentProcess.user else {
            throw SetupProblem("\(file) is no file of this user's, so it is not believed")
        }
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try RegularFile.bytes(of: file, limit: 32 * ProjectDirectory.longest) } catch {
            throw SetupProblem("\(file) cannot be read: \(error)")
        }
        guard let record = SetupRecord(bytes) else {
            throw SetupProblem(
                "\(file), which notes what was set up, is damaged; take the words about larder out of "
                    + "\(SetupRecord.names.sorted().joined(separator: ", ")) by hand, then remove \(directory)"
            )
        }
        return record
    }

    func write(_ record: SetupRecord) throws(SystemError) {
        if FileStatus.ofLink(directory) == nil { try Directory.make(directory, mode: 0o755) }
        if FileStatus.ofLink(ignore) == nil {
            let entry = try TemporaryEntry(beside: ignore, mode: 0o644)
            try entry.file.write(Self.ignoreAll)
            try entry.publish()
        }
        let entry = try TemporaryEntry(beside: file, mode: 0o644)
        try entry.file.write(record.bytes)
        try entry.publish(.synced)
    }

    /// Removes the record, and the directory where there is nothing else in it.
    func remove() throws(SystemError) {
        guard FileStatus.ofLink(directory)?.kind == .directory else { return }
        try Directory.removeFile(file)
        for name in try Directory.names(in: directory) where Leftover.maker(ofTemporary: name) != nil {
            try Directory.removeFile(directory.appending(bytes: name))
        }
        if (try? RegularFile.bytes(of: ignore, limit: 16)) == Self.ignoreAll { try Directory.removeFile(ignore) }
        Directory.removeIfEmpty(directory)
    }
}
