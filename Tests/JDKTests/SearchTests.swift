import Foundation
import TestSupport
import Testing

/// What `larder-jdk` prints, from a catalogue that was imported.
struct SearchTests {
    let shop: JDKWorkshop
    let world = World()

    init() throws {
        shop = try JDKWorkshop()
        let packages = world.distributions.map { world.foojayPackages(of: $0) }
        // The results of all, in one answer.
        let items = packages.map { String($0.dropFirst("{\"result\": [".count).prefix { $0 != "\u{0}" }) }
            .map { String($0[..<($0.range(of: "], \"message\"")?.lowerBound ?? $0.endIndex)]) }
        try shop.shop.write("{\"result\": [\(items.joined(separator: ","))]}", to: "all.json")
        let outcome = try shop.jdk("import", "all.json")
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }

    private func versions(_ words: String...) throws -> [String] {
        let outcome = try shop.shop.run([JDKWorkshop.program.path, "search", "--json"] + words, environment: shop.base)
        #expect(outcome.status == 0)
        return try JDKWorkshop.elements(outcome).map { item in
            let package = item["package"] as? [String: Any] ?? [:]
            return "\(item["distribution"] ?? "") \(package["java_version"] ?? "") \(package["package_type"] ?? "")"
        }
    }

    @Test func `every form of a query finds what it should`() throws {
        #expect(
            try versions("temurin@21") == ["21.0.3+8", "21.0.2+7", "21.0.1+6", "21+36"].map { "temurin \($0) jdk" }
        )
        #expect(try versions("jre@temurin@21.0.2") == ["temurin 21.0.2+7 jre"])
        #expect(try versions("latest").map { $0.split(separator: " ")[1] } == Array(repeating: "22.0.3+8", count: 7))
        #expect(try versions("temurin@latest") == ["temurin 22.0.3+8 jdk"])
        #expect(try versions("zulu@21.0.1+fx") == ["zulu 21.0.1+6 jdk"])
        #expect(try versions("corretto@21.0.2.7.1") == ["corretto 21.0.2+7 jdk"])
        #expect(try versions("corretto@21.0.2.7") == ["corretto 21.0.2+7 jdk"])
        #expect(try versions("--lts-only", "temurin@22") == [])
        #expect(try versions("--distribution-version", "corretto@21.0.2.7") == ["corretto 21.0.2+7 jdk"])
        #expect(try versions("--java-version", "corretto@21.0.2.7.1") == [])
        #expect(try versions("nothing@21") == [])
    }

    @Test func `packages are those for this platform, or for the one that is asked for`() throws {
        #expect(try versions("temurin@21.0.3").count == 1)
        #expect(try versions("--all-platforms", "temurin@21.0.3").count == world.platforms.count)
        #expect(try versions("--libc", "musl", "--arch", "x64", "temurin@21.0.3").count == 1)
        #expect(try versions("--os", "alpine", "--arch", "amd64", "temurin@21.0.3").count == 1)
        #expect(try versions("--os", "macos", "--arch", "arm64", "temurin@21.0.3").count == 1)
        #expect(try versions("--os", "macos", "--arch", "x64", "temurin@21.0.3").isEmpty)
    }

    @Test func `tables have a line for each version`() throws {
        let compact = try shop.jdk("search", "--compact", "zulu@21").outputText.split(separator: "\n")
        #expect(compact.count == 1 + world.updates.count)
        #expect(compact[0].contains("Distribution"))
        #expect(compact[1].hasPrefix("zulu"))
        #expect(
            try shop.jdk("search", "zulu@21").outputText.split(separator: "\n").count == 1 + 2 * world.updates.count
        )
        #expect(try shop.jdk("search", "--detailed", "zulu@21").outputText.contains("tar.gz"))
        #expect(try shop.jdk("search", "zulu@99").outputText.isEmpty)
    }

    @Test func `usage errors have the status 2`() throws {
        for words in [
            ["search"], ["search", "--compact", "--json", "21"], ["search", "a@b@c"], ["refresh", "--timeout", "0"],
            ["search", "21", "--lock-timeout", "soon"], ["nonsense"], ["search", "21", "--nonsense"],
        ] {
            let outcome = try shop.shop.run([JDKWorkshop.program.path] + words, environment: shop.base)
            #expect(outcome.status == 2, "\(words)")
            #expect(!outcome.error.isEmpty)
            #expect(outcome.output.isEmpty)
        }
        let wrong = try shop.jdk("refresh", environment: ["LARDER_JDK_FOOJAY_URL": "gopher://x"])
        #expect(wrong.status == 2)
        #expect(wrong.errorText.contains("LARDER_JDK_FOOJAY_URL"))
    }

    @Test func `the settings file names sources, and the environment wins`() throws {
        let server = try MetadataServer(world.foojay)
        let other = try Workshop()
        try other.write("jdk_mirror_url =\njdk_foojay_url = \(server.url)\n", to: ".cache/larder.conf")
        let program = JDKWorkshop.program.path
        #expect(try other.run([program, "refresh"]).status == 0)
        let off = try other.run([program, "refresh"], environment: ["LARDER_JDK_FOOJAY_URL": "off"])
        #expect(off.status == 1)
        #expect(off.errorText.contains("switched off"))
        let shown = try other.larder(["config", "get", "jdk_foojay_url"]).outputText
        #expect(shown.contains(server.url))
        #expect(try other.larder(["config", "set", "jdk_foojay_url", "gopher://x"]).status == 2)
        #expect(try other.larder(["config", "set", "jdk_foojay_url", "off"]).status == 0)
        #expect(try other.run([program, "refresh"]).errorText.contains("switched off"))
    }

    @Test func `help and version are answers`() throws {
        #expect(try shop.jdk("--version").outputText.hasPrefix("larder jdk "))
        #expect(try shop.jdk("--help").outputText.contains("larder jdk <subcommand>"))
        #expect(try shop.jdk("help", "search").outputText.contains("QUERY is a version"))
    }

    @Test func `info, the list and clear say what is there`() throws {
        #expect(try shop.jdk("info").outputText.contains("\(world.count)"))
        let list = try shop.jdk("list-distributions").outputText.split(separator: "\n")
        #expect(list.count == 1 + world.distributions.count)
        #expect(try shop.jdk("clear").outputText == "Removed the catalogue.\n")
        #expect(try shop.jdk("clear").outputText.contains("no catalogue"))
        #expect(try shop.jdk("info").outputText.contains("No catalogue is cached"))
        let builtin = try JDKWorkshop.elements(shop.jdk("list-distributions", "--json"))
        #expect(builtin.count > 20)
        #expect(builtin.allSatisfy { $0["builtin"] as? Bool == true })
    }

    @Test func `a catalogue that is damaged anywhere counts as none`() throws {
        let good = try Data(contentsOf: shop.catalogue)
        for damaged in [Data(), good.prefix(100), good.dropLast(), good + Data([10]), Data(count: good.count)] {
            try damaged.write(to: shop.catalogue)
            #expect(try shop.jdk("info").status == 1)
            #expect(try shop.jdk("search", "--offline", "21").status == 69)
            #expect(try shop.jdk("list-distributions").status == 0)
        }
        var flipped = good
        flipped[good.count / 2] ^= 1
        try flipped.write(to: shop.catalogue)
        #expect(try shop.jdk("search", "--offline", "21").status == 69)
        #expect(try shop.jdk("import", "all.json").status == 0)
        #expect(try shop.jdk("search", "--offline", "21").status == 0)
    }

    @Test func `a cache that is only to be read is not changed`() throws {
        let readOnly = ["LARDER_READONLY": "1"]
        #expect(try !shop.jdk("search", "21", environment: readOnly).outputText.isEmpty)
        let before = try Data(contentsOf: shop.catalogue)
        for words in [["refresh"], ["clear"], ["import", "all.json"]] {
            let outcome = try shop.shop.run(
                [JDKWorkshop.program.path] + words,
                environment: shop.base.merging(readOnly) { $1 }
            )
            #expect(outcome.status == 1, "\(words)")
            #expect(outcome.errorText.contains("LARDER_READONLY"))
        }
        #expect(try Data(contentsOf: shop.catalogue) == before)
    }

    @Test func `the launcher runs the program beside it`() throws {
        let direct = try shop.jdk("search", "--offline", "temurin@21")
        let through = try shop.shop.larder(["jdk", "search", "--offline", "temurin@21"], environment: shop.base)
        #expect(through == direct)
        #expect(try shop.shop.larder(["jdk", "nonsense"], environment: shop.base).status == 2)

        let alone = shop.shop.url("bin/larder")
        try FileManager.default.createDirectory(
            at: alone.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(at: Workshop.larder, to: alone)
        Workshop.waitUntilNobodyWrites(alone)
        let missing = try shop.shop.run([alone.path, "jdk", "info"])
        #expect(missing.status == 127)
        #expect(missing.errorText.contains("larder-jdk"))
        #expect(missing.errorText.split(separator: "\n").count == 1)
    }
}
