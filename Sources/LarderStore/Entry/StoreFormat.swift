internal import Files

/// The file that says what a cache directory holds.
///
///     format ::= "larder " version LF            the version in decimal digits
///
/// Version history: 1, the first.
enum StoreFormat {
    static let version = 1
    static let content = Array("larder \(version)\n".utf8)

    static func path(in directory: Path) -> Path { directory.appending("format") }

    /// Accepts a directory that holds our format or nothing yet; says which.
    static func isPresent(in directory: Path) throws(StoreError) -> Bool {
        let found: [UInt8]
        do throws(SystemError) {
            found = try Descriptor(reading: path(in: directory)).bytes(at: 0, count: 64)
        } catch {
            if error.isAbsence { return false }
            throw StoreError(error, at: directory)
        }
        if found == content { return true }
        // A power failure may leave a file without its content; what the entries are, each of them says itself.
        if found.allSatisfy({ $0 == 0 }) { return false }
        let words = found.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
        let isOurs = words.count == 2 && words[0].elementsEqual("larder".utf8) && words[1].count <= 9
        let number = isOurs ? Int(String(decoding: words[1], as: UTF8.self)) : nil
        if number == version { return true }
        let holds = number.map { "holds cache format \($0)" } ?? "holds an unknown cache format"
        throw StoreError(.version, at: directory, detail: "\(holds), this Larder reads \(version)")
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
