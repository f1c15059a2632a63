internal import Files

/// Paths in a setting, with `:` between them.
enum PathList {
    /// The paths of `text`, without slashes at their ends; nil where there is none, or one is not absolute and `directory` is nil.
    static func paths(of text: ArraySlice<UInt8>, in directory: Path?) -> [Path]? {
        var paths: [Path] = []
        for part in text.split(separator: UInt8(ascii: ":")) {
            var part = AssignmentLines.trimmed(part)
            while part.count > 1, part.last == UInt8(ascii: "/") { part = part.dropLast() }
            if part.isEmpty { continue }
            let path = Path(bytes: part)
            if path == "." {
                guard let directory else { return nil }
                paths.append(directory)
            } else if path.isAbsolute {
                paths.append(path)
            } else {
                guard let directory else { return nil }
                paths.append(directory.appending(bytes: part))
            }
        }
        return paths.isEmpty ? nil : paths
    }

    static func text(of paths: [Path]) -> String { paths.map(\.description).joined(separator: ":") }
}
