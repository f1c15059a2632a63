/// What a person looks for, such as `21`, `17.0.9`, `corretto@21`, `latest`, `jre@17` or `zulu@21+fx`.
///
///     <query>   ::= ( <kind> "@" )? ( <name> "@" )? <version> "+fx"?  |  ( <kind> "@" )? <name> "+fx"?
///     <kind>    ::= "jdk" | "jre"
///     <name>    ::= the name of a distribution, or a synonym
///     <version> ::= "latest", or the start of a version
///
/// Only `+fx` asks for a package with JavaFX; without it any will do.
package struct SearchQuery: Sendable, Hashable {
    package enum Version: Sendable, Hashable {
        case any
        /// The newest release of each distribution.
        case latest
        case matching(JDKVersion)
    }

    /// `jdk` or `jre`.
    package var kind = "jdk"
    /// As it was written; nil for any.
    package var distribution: String?
    package var version = Version.any
    package var wantsJavaFX = false

    /// Words that are no query, as one sentence.
    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    /// Reads a query.
    package init(_ text: String) throws(Malformed) {
        var rest = Substring(text.filter { $0 != " " })
        if rest.lowercased().hasSuffix("+fx") {
            wantsJavaFX = true
            rest.removeLast(3)
        }
        var words = rest.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        if words.count > 1, ["jdk", "jre"].contains(words[0].lowercased()) {
            kind = words.removeFirst().lowercased()
        } else if words.count == 1, ["jdk", "jre"].contains(words[0].lowercased()) {
            kind = words.removeFirst().lowercased()
            return
        }
        guard (1...2).contains(words.count), !words.contains("") else { throw Self.malformed(text) }
        let last = words.removeLast()
        let isVersion = last.first?.isASCIIDigit == true
        if last.lowercased() == "latest" {
            version = .latest
        } else if let pattern = isVersion ? JDKVersion(last) : nil {
            version = .matching(pattern)
        } else if words.isEmpty, !isVersion, Self.isName(last) {
            distribution = last
        } else {
            throw Self.malformed(text)
        }
        if let name = words.last {
            guard Self.isName(name) else { throw Self.malformed(text) }
            distribution = name
        }
    }

    private static func isName(_ word: String) -> Bool {
        guard let first = word.first, first.isLetter else { return false }
        return word.allSatisfy { $0.isLetter || $0.isNumber || "-_. ".contains($0) }
    }

    private static func malformed(_ text: String) -> Malformed {
        let shown = CatalogFormat.field(String(text.prefix(80)))
        return Malformed(
            description:
                "\"\(shown)\" is no query; write a version (21, 17.0.9, latest), a distribution (corretto) or both "
                + "(corretto@21), with jre@ before it for a JRE and +fx behind it for JavaFX"
        )
    }
}
