package import Files

/// `larder.conf` in the cache's directory, byte for byte.
///
///     <file>    ::= <line>*
///     <line>    ::= <blank>* ( <comment> | <setting> )? "\n"        the last "\n" may be missing
///     <comment> ::= "#" <any>*
///     <setting> ::= <key> <blank>* "=" <blank>* <value>? <blank>*
///     <blank>   ::= " " | "\t" | "\r"
///
/// A `#` within a value belongs to it, a value that is empty leaves the setting alone, and of two lines for one
/// setting the later counts. A key that is not known is kept, ignored and reported by ``unknownKeys``: a newer
/// Larder may have written it.
package struct SettingsFile: Sendable {
    package let path: Path
    private var bytes: [UInt8]
    private var values: [(key: SettingKey, value: ArraySlice<UInt8>)] = []
    /// Each with its line, counted from 1.
    package private(set) var unknownKeys: [(key: String, line: Int)] = []

    /// Reads the file of the cache in `directory`; one that is missing is empty.
    package init(in directory: Path) throws(SettingsError) {
        let path = directory.appending("larder.conf")
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path)
        } catch {
            guard error.isAbsence else { throw .unreadable(error) }
            bytes = []
        }
        try self.init(bytes, at: path)
    }

    /// Takes `bytes` as what stands in the file at `path`.
    package init(_ bytes: [UInt8], at path: Path) throws(SettingsError) {
        (self.bytes, self.path) = (bytes, path)
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let line = Self.trimmed(line)
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            guard let (name, value) = Self.parse(line) else { throw .malformed(line, number: number, in: path) }
            guard let key = SettingKey(name: name) else {
                unknownKeys.append((String(decoding: name, as: UTF8.self), number))
                continue
            }
            guard key != .directory else { throw .misplacedDirectory(in: path) }
            values.append((key, value))
        }
    }

    /// The value of `key`, or nil when it is not set here.
    package subscript(key: SettingKey) -> ArraySlice<UInt8>? {
        guard let value = values.last(where: { $0.key == key })?.value, !value.isEmpty else { return nil }
        return value
    }

    /// The content with `key` set to `value`, or without it where `value` is empty; every other line is kept as it is.
    ///
    /// A setting keeps its place; a new one is put at the end.
    func content(setting key: SettingKey, to value: [UInt8]) -> [UInt8] {
        let assignment = Array("\(key.rawValue) = ".utf8) + value
        var lines: [[UInt8]] = []
        var place: Int?
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let name = Self.parse(Self.trimmed(line))?.name
            guard let name, SettingKey(name: name) == key else {
                lines.append(Array(line))
                continue
            }
            // Later lines for the same setting would win over the one that is written, so they go.
            if place == nil, !value.isEmpty {
                place = lines.count
                lines.append(assignment)
            }
        }
        if place == nil, !value.isEmpty {
            if lines.last?.isEmpty == true { lines.removeLast() }
            lines += [assignment, []]
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    private static func parse(_ line: ArraySlice<UInt8>) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
        guard line.first != UInt8(ascii: "#"), let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = trimmed(line[..<equals])
        return name.isEmpty ? nil : (name, trimmed(line[(equals + 1)...]))
    }

    /// Without the blanks at both ends.
    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        guard let first = text.firstIndex(where: { !isBlank($0) }), let last = text.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return text[first...last]
    }
}
