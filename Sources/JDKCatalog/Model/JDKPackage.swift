/// One archive that holds a JDK or a JRE.
///
/// Words such as the architecture are those of the foojay API, brought to one spelling by ``Platform``; a word that
/// nobody here knows is kept as it is. What a source does not say is an empty string.
package struct JDKPackage: Sendable, Hashable {
    /// The source's own name for it.
    package var id = ""
    /// The short name of the distribution, such as `temurin`.
    package var distribution = ""
    /// `jdk` or `jre`.
    package var kind = "jdk"
    /// Such as `21.0.5+11`.
    package var javaVersion = ""
    /// What the distribution itself calls it, such as `21.0.5.11.1`.
    package var distributionVersion = ""
    /// Such as `linux`, `macos` and `windows`.
    package var operatingSystem = ""
    /// Such as `x64` and `aarch64`.
    package var architecture = ""
    /// `glibc`, `musl`, `libc` (macOS) or `c_std_lib` (Windows).
    package var libC = ""
    /// Such as `tar.gz` and `zip`.
    package var archive = ""
    /// `lts`, `mts` or `sts`: long, medium or short term.
    package var support = ""
    /// `ga` for a release, `ea` for early access.
    package var status = ""
    package var hasJavaFX = false
    /// Whether it is the newest build of its version; nil where the source does not say.
    package var isLatestBuild: Bool?
    /// In bytes; nil where the source does not say.
    package var size: Int64?
    package var filename = ""
    /// Where it can be downloaded.
    package var url = ""
    /// `sha256`, `sha512`, … in front of ``checksum``.
    package var checksumKind = ""
    /// In hexadecimal digits.
    package var checksum = ""

    package init() {}
}

/// Somebody who makes JDKs, such as Temurin or Corretto.
package struct Distribution: Sendable, Hashable {
    /// The short name that queries use, such as `temurin`.
    package var name: String
    /// As a person would write it.
    package var displayName: String
    /// Other names under which a query finds it, in lower case.
    package var synonyms: [String]

    package init(name: String, displayName: String = "", synonyms: [String] = []) {
        self.name = name
        self.displayName = displayName.isEmpty ? name : displayName
        self.synonyms = synonyms
    }

    /// True when `word` is its name, its display name or a synonym, in any case and with `-`, `_` and spaces alike.
    package func isCalled(_ word: String) -> Bool {
        let word = Self.folded(word)
        return Self.folded(name) == word || Self.folded(displayName) == word
            || synonyms.contains { Self.folded($0) == word }
    }

    private static func folded(_ word: String) -> String {
        word.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
    }
}
