internal import LarderStore

/// A `ccache.conf`: lines of `key = value`, comments that begin with `#`, and blank lines.
struct CCacheFile {
    struct Setting {
        let name: ArraySlice<UInt8>
        let value: ArraySlice<UInt8>
    }

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// In the order of the file; what is no setting is passed over.
    var settings: [Setting] {
        var settings: [Setting] = []
        var lines = AssignmentLines(bytes)
        while let line = lines.next() {
            guard let setting = AssignmentLines.Assignment(AssignmentLines.trimmed(line)) else { continue }
            settings.append(Setting(name: bytes[setting.name], value: bytes[setting.value]))
        }
        return settings
    }

    /// The content with `name` set to `value`: where it was, or at the end.
    func content(setting name: StaticString, to value: ArraySlice<UInt8>) -> [UInt8] {
        AssignmentLines.content(
            of: bytes,
            setting: { name.isWord($0) },
            to: Array("\(name) = ".utf8) + value
        )
    }
}
