/// The catalogue as it is stored, one line an item and a tab between fields.
///
///     <document>     ::= <magic> <origin> <distribution>* <part>* <end>
///     <magic>        ::= "larder-jdk 1" LF
///     <origin>       ::= "o" TAB <source> TAB <location> TAB <scope> LF
///     <source>       ::= "mirror" | "foojay" | "import"
///     <location>     ::= the base URL of the source, or the name of the file
///     <scope>        ::= "all", or the platform that it was narrowed to, as linux/x64/glibc
///     <distribution> ::= "d" TAB <name> TAB <display name> ( TAB <synonym> )* LF
///     <part>         ::= "r" TAB <url> TAB <entity tag> TAB <last modified> LF <package>*
///     <package>      ::= "p" ( TAB <field> ){18} LF                 in the order of ``Field``
///     <end>          ::= "e" TAB <number of packages> LF
///
/// A part is what one request was answered with; its entity tag and date let the next refresh ask whether it changed.
/// A field holds neither tab nor line end nor any other control character. Flags are `1`, `0` and, where nothing is
/// known, empty. The frame around it (length, digest) is that of the snapshot.
///
/// History: 1, the first.
///
/// Lines, not binary records: a catalogue of 10,000 packages is searched in some milliseconds as it is, with nothing
/// decoded but what is shown, and a person can read it.
enum CatalogFormat {
    static let magic = Array("larder-jdk 1\n".utf8)

    enum Tag {
        static let origin = UInt8(ascii: "o")
        static let distribution = UInt8(ascii: "d")
        static let part = UInt8(ascii: "r")
        static let package = UInt8(ascii: "p")
        static let end = UInt8(ascii: "e")
    }

    /// The place of each field in a package's line, counted from the first behind the tag.
    ///
    /// Never reordered.
    enum Field: Int, CaseIterable {
        case distribution, kind, javaVersion, distributionVersion, operatingSystem, architecture, libC
        case archive, support, status, hasJavaFX, isLatestBuild, size
        case id, filename, url, checksumKind, checksum
    }

    /// Longer than any URL in use; what is longer is not a field but an accident.
    static let longestField = 4096

    /// `text` as it may stand in a field: control characters, which could end it or move a terminal's cursor, are
    /// replaced by a question mark.
    static func field(_ text: String) -> String {
        let isClean = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        let clean =
            isClean
            ? text
            : String(
                String.UnicodeScalarView(
                    text.unicodeScalars.map { scalar in
                        scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x2028
                            || scalar.value == 0x2029 ? "?" : scalar
                    }
                )
            )
        return clean.utf8.count <= longestField
            ? clean : String(decoding: clean.utf8.prefix(longestField), as: UTF8.self)
    }

    /// The line of a package, with its end.
    static func line(of item: JDKPackage) -> String {
        func flag(_ value: Bool?) -> String { value.map { $0 ? "1" : "0" } ?? "" }
        let fields = Field.allCases.map { place in
            switch place {
            case .distribution: item.distribution
            case .kind: item.kind
            case .javaVersion: item.javaVersion
            case .distributionVersion: item.distributionVersion
            case .operatingSystem: item.operatingSystem
            case .architecture: item.architecture
            case .libC: item.libC
            case .archive: item.archive
            case .support: item.support
            case .status: item.status
            case .hasJavaFX: flag(item.hasJavaFX)
            case .isLatestBuild: flag(item.isLatestBuild)
            case .size: item.size.map { "\($0)" } ?? ""
            case .id: item.id
            case .filename: item.filename
            case .url: item.url
            case .checksumKind: item.checksumKind
            case .checksum: item.checksum
            }
        }
        return "p\t" + fields.map(field).joined(separator: "\t") + "\n"
    }
}
