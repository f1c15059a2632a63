import JDKCatalog
import Testing

struct VersionTests {
    @Test(arguments: [
        ("21", [21]), ("17.0.9+8", [17, 0, 9]), ("22-ea+12", [22]), ("21.0.5.11.1", [21, 0, 5, 11, 1]),
        ("1.8.0_392", [8, 0, 392]), ("8u392", [8, 0, 392]), ("11.0.22+7_openj9-0.43.0", [11, 0, 22]),
    ])
    func `a version is taken apart`(text: String, components: [UInt32]) throws {
        let version = try #require(JDKVersion(text))
        #expect(version.components == components)
        #expect(version.description == text)
    }

    @Test(arguments: ["", "x", "-ea", "21.", ".21", "21..5", "99999999999", "21-", "21+", "u21", "21 x", "٢١"])
    func `what is no version is refused`(text: String) { #expect(JDKVersion(text) == nil) }

    @Test func `the order is that of age`() throws {
        let words = [
            "8", "1.8.0_392", "11.0.9", "11.0.9.1", "17-ea+3", "17", "17+35", "17.0.1+1", "17.0.9+8", "17.0.9+9",
            "17.0.10", "21-ea", "21", "21.0.5+11", "21.0.5+11.1", "21.0.6",
        ]
        let versions = try words.map { try #require(JDKVersion($0)) }
        #expect(versions.shuffled().sorted().map(\.description) == words)
    }

    @Test(arguments: [
        ("21", "21.0.5+11", true), ("21", "21", true), ("21", "211.0.5", false), ("21.0", "21.0.5", true),
        ("21.0.0", "21", false), ("21.0.5", "21.0.50", false), ("17.0.9+8", "17.0.9+8", true),
        ("17.0.9+8", "17.0.9+9", false), ("17.0.9+8", "17.0.9", false), ("21.0.5+11", "21.0.5.11.1", true),
        ("21.0.5.11", "21.0.5+11", true), ("21.0.5.12", "21.0.5+11", false), ("22-ea", "22-ea+12", true),
        ("22-ea", "22+12", false), ("22", "22-ea+12", true), ("17.0.9+8", "17.0.9+8-LTS", true),
        ("8", "1.8.0_392", true),
    ])
    func `a pattern covers what begins with it`(pattern: String, version: String, isCovered: Bool) throws {
        let version = try #require(JDKVersion(version))
        #expect(try #require(JDKVersion(pattern)).covers(version) == isCovered)
    }
}

struct QueryTests {
    private func version(_ text: String) throws -> SearchQuery.Version { .matching(try #require(JDKVersion(text))) }

    @Test func `every form of a query is read`() throws {
        let forms: [(String, String, String?, SearchQuery.Version, Bool)] = [
            ("21", "jdk", nil, try version("21"), false), ("17.0.9", "jdk", nil, try version("17.0.9"), false),
            ("corretto", "jdk", "corretto", .any, false), ("corretto@21", "jdk", "corretto", try version("21"), false),
            ("latest", "jdk", nil, .latest, false), ("temurin@latest", "jdk", "temurin", .latest, false),
            ("jre@17", "jre", nil, try version("17"), false), ("JDK@Latest", "jdk", nil, .latest, false),
            ("jre@zulu@17+fx", "jre", "zulu", try version("17"), true), ("21+fx", "jdk", nil, try version("21"), true),
            ("jre", "jre", nil, .any, false), ("jre@zulu", "jre", "zulu", .any, false),
            ("21.0.1+12", "jdk", nil, try version("21.0.1+12"), false),
            ("sap_machine", "jdk", "sap_machine", .any, false),
        ]
        for (text, kind, distribution, version, wantsJavaFX) in forms {
            let query = try SearchQuery(text)
            #expect(query.kind == kind, "\(text)")
            #expect(query.distribution == distribution, "\(text)")
            #expect(query.version == version, "\(text)")
            #expect(query.wantsJavaFX == wantsJavaFX, "\(text)")
        }
    }

    @Test(arguments: [
        "", "@", "corretto@", "@21", "a@b@c", "jre@jdk@zulu@21", "corretto@x", "21..5", "+fx", "zulu@21@17", "!",
    ])
    func `what is no query says what one is`(text: String) {
        let error = #expect(throws: SearchQuery.Malformed.self) { _ = try SearchQuery(text) }
        let message = error?.description ?? ""
        #expect(message.contains("corretto@21"))
    }
}
