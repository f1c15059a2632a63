internal import Files

/// The file that says what a cache directory holds.
///
///     format ::= "larder " version LF            the version in decimal digits
///
/// Version history: 1, the first.
package enum StoreFormat {
    package static let version = 1
    static let content = Array("larder \(version)\n".utf8)

    static func path(in directory: Path) -> Path { directory.appending("format") }

    /// Accepts a directory that holds our format or nothing yet; says which.
    static func isPresent(in directory: Path) throws(StoreError) -> Bool {
        let found: [UInt8]
        do throws(SystemError) {
            found = try Descriptor(reading: path(in: directory)).bytes(at: 0, count: 64)
        } catch {
            guard error.isAbsence else { throw StoreError(error, at: directory) }
            try checkContent(of: directory)
            return false
        }
        if found == content { return true }
        // A power failure may leave a file without its content; what the entries are, each of them says itself.
        if found.allSatisfy({ $0 == 0 }) {
            try checkContent(of: directory)
            return false
        }
        let number = number(in: found)
        if number == version { return true }
        if number == nil { try checkContent(of: directory) }
        let holds = number.map { "holds cache format \($0)" } ?? "holds an unknown cache format"
        throw StoreError(.version, at: directory, detail: "\(holds), this Larder reads \(version)")
    }

    /// Throws `.foreign` where the directory holds something that is not ours, and no marker.
    static func checkContent(of directory: Path) throws(StoreError) {
        guard let name = foreignName(in: directory) else { return }
        throw StoreError(.foreign, at: directory, detail: foreign(name))
    }

    /// The version that a marker names; nil where it is none of ours.
    private static func number(in marker: [UInt8]) -> Int? {
        let words = marker.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
        guard words.count == 2, words[0].elementsEqual("larder".utf8), words[1].count <= 9 else { return nil }
        return Int(String(decoding: words[1], as: UTF8.self))
    }

    /// The name of something in `directory` that is not ours; nil where all is, and where a marker of any version says so.
    ///
    /// A first use that was interrupted leaves files of ours and no marker. Whatever lies beside those was there before, or
    /// somebody else works there.
    static func foreignName(in directory: Path) -> ArraySlice<UInt8>? {
        let marker = try? Descriptor(reading: path(in: directory)).bytes(at: 0, count: 64)
        if let marker, number(in: marker) != nil { return nil }
        return ((try? Directory.names(in: directory)) ?? []).first { name in !isOurs(name, in: directory) }
    }

    /// What a message says of a directory with such a name in it.
    static func foreign(_ name: some Collection<UInt8>) -> String {
        let shown = name.prefix(80).map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }
        return "holds no cache but other files, such as \"\(String(decoding: shown, as: UTF8.self))\""
    }

    private static func isOurs(_ name: ArraySlice<UInt8>, in directory: Path) -> Bool {
        let directories: [StaticString] = [
            "entries", "journal", "linked", "locks", "snapshots", "swift", "differing", "namespaces",
        ]
        let files: [StaticString] = ["format", "larder.conf", "usage", "digests", "daemon.log", "remote.json"]
        // A file system's own, what marks a cache for backups, what NFS makes of a file that is removed while it is open, and
        // logs, which somebody may have us write there.
        let others: [StaticString] = ["lost+found", "CACHEDIR.TAG"]
        if others.contains(where: { $0.isSpelled(by: name) }) || name.starts(with: ".nfs".utf8)
            || name.suffix(4).elementsEqual(".log".utf8)
        {
            return true
        }
        if Leftover.maker(ofTemporary: name) != nil {
            return (files + directories).contains { name.starts(with: "\($0).tmp.".utf8) }
        }
        let isDirectory = FileStatus.of(directory.appending(bytes: name))?.kind == .directory
        return (isDirectory ? directories : files).contains { $0.isSpelled(by: name) }
    }

    /// Makes the directory and writes the marker.
    static func write(in directory: Path) throws(StoreError) {
        do throws(SystemError) {
            try Directory.make(directory)
            if FileStatus.ofLink(path(in: directory))?.kind == .directory { Directory.removeTree(path(in: directory)) }
            let marker = try TemporaryEntry(beside: path(in: directory))
            try marker.file.write(content)
            try marker.publish()
        } catch {
            throw StoreError(error, at: directory)
        }
    }
}

extension EntryStore {
    /// Throws where the directory holds a cache of another format, or other files.
    package func checkFormat() throws(StoreError) { _ = try StoreFormat.isPresent(in: directory) }
}
