internal import JDKCatalog
internal import LarderStore
internal import Terminal

/// What a search prints.
struct SearchOutput {
    let matches: [Search.Match]
    /// Show the distribution's own version instead of that of Java.
    let usesOwnVersion: Bool

    /// The lines of a table, or a document; nothing for no matches but in JSON.
    func text(_ style: SearchCommand.Style) -> String {
        if style == .json { return JSONText.array(matches.map(Self.json)) + "\n" }
        guard !matches.isEmpty else { return "" }
        let rows =
            switch style {
            case .compact:
                [["Distribution", "Version", "Support"]]
                    + matches.map { [$0.distribution.name, version($0.package), support($0.package)] }
            case .detailed:
                [
                    [
                        "Distribution", "Version", "Support", "Status", "Type", "Platform", "Archive", "Size", "JavaFX",
                        "File",
                    ]
                ]
                    + matches.map { match in
                        let item = match.package
                        return [
                            match.distribution.name, version(item), support(item), item.status.uppercased(), item.kind,
                            Self.platform(item), item.archive, Text.download(item.size), item.hasJavaFX ? "yes" : "no",
                            item.filename,
                        ]
                    }
            default:
                [["Distribution", "Version", "Support", "Type", "Platform", "Size", "JavaFX"]]
                    + matches.map { match in
                        let item = match.package
                        return [
                            match.distribution.displayName, version(item), support(item), item.kind,
                            Self.platform(item),
                            Text.download(item.size), item.hasJavaFX ? "yes" : "no",
                        ]
                    }
            }
        return TextTable.aligned(style == .detailed ? rows : Self.withoutRepetitions(rows, style))
    }

    private func version(_ item: JDKPackage) -> String {
        usesOwnVersion && !item.distributionVersion.isEmpty ? item.distributionVersion : item.javaVersion
    }

    private func support(_ item: JDKPackage) -> String { item.status == "ea" ? "EA" : item.support.uppercased() }

    private static func platform(_ item: JDKPackage) -> String {
        [item.operatingSystem, item.architecture, item.libC].filter { !$0.isEmpty }.joined(separator: "/")
    }

    /// The first of the rows that differ in nothing but the size: several archives of one build.
    private static func withoutRepetitions(_ rows: [[String]], _ style: SearchCommand.Style) -> [[String]] {
        var seen: Set<[String]> = []
        return rows.filter { row in
            seen.insert(style == .compact ? row : Array(row[..<5] + row[6...])).inserted
        }
    }

    private static func json(_ match: Search.Match) -> String {
        let item = match.package
        func text(_ text: String) -> String? { text.isEmpty ? nil : JSONText.string(text) }
        let package = JSONText.object([
            ("id", text(item.id)), ("distribution", text(item.distribution)),
            ("java_version", text(item.javaVersion)), ("distribution_version", text(item.distributionVersion)),
            ("package_type", text(item.kind)), ("operating_system", text(item.operatingSystem)),
            ("architecture", text(item.architecture)), ("lib_c_type", text(item.libC)),
            ("archive_type", text(item.archive)), ("term_of_support", text(item.support)),
            ("release_status", text(item.status)), ("javafx_bundled", "\(item.hasJavaFX)"),
            ("latest_build_available", item.isLatestBuild.map { "\($0)" }), ("size", item.size.map { "\($0)" }),
            ("filename", text(item.filename)), ("download_url", text(item.url)),
            ("checksum", text(item.checksum)), ("checksum_type", text(item.checksumKind)),
        ])
        return JSONText.object([
            ("distribution", JSONText.string(match.distribution.name)),
            ("display_name", JSONText.string(match.distribution.displayName)), ("package", package),
        ])
    }
}

/// JSON (RFC 8259) as text that is only ever written.
enum JSONText {
    /// The members that have a value, in order.
    static func object(_ members: [(name: String, value: String?)]) -> String {
        "{"
            + members.compactMap { member in member.value.map { string(member.name) + ": " + $0 } }.joined(
                separator: ", "
            )
            + "}"
    }

    /// One element a line.
    static func array(_ elements: [String]) -> String {
        elements.isEmpty ? "[]" : "[\n  " + elements.joined(separator: ",\n  ") + "\n]"
    }

    static func string(_ text: String) -> String { JSON.quoted(text) }
}
