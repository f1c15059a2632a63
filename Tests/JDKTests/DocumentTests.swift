import Files
import Foundation
import JDKCatalog
import Testing

struct DocumentTests {
    private static func catalog() throws -> Catalog {
        var first = JDKPackage()
        first.distribution = "temurin"
        first.javaVersion = "21.0.5+11"
        first.distributionVersion = "21.0.5+11"
        first.operatingSystem = "linux"
        first.architecture = "x64"
        first.libC = "glibc"
        first.archive = "tar.gz"
        first.support = "lts"
        first.status = "ga"
        first.isLatestBuild = true
        first.size = 205_750_292
        first.id = "e001e534"
        first.filename = "OpenJDK21U-jdk_x64_linux_hotspot_21.0.5_11.tar.gz"
        first.url = "https://example.org/21.tar.gz"
        first.checksumKind = "sha256"
        first.checksum = "abcd"
        var second = JDKPackage()
        second.distribution = "zulu"
        second.kind = "jre"
        second.javaVersion = "17"
        second.hasJavaFX = true
        // What would break a line or move a cursor.
        second.filename = "a\tb\nc\u{1B}[2J\u{9B}é.zip"
        var draft = CatalogDraft(
            origin: Catalog.Origin(source: "foojay", location: "https://example.org"),
            distributions: [Distribution(name: "temurin", displayName: "Eclipse Temurin", synonyms: ["adoptium"])]
        )
        draft.parts = [
            CatalogDraft.Part(
                url: "https://example.org/p",
                validators: Catalog.Validators(entityTag: "\"1\"", lastModified: "Thu, 01 Jan 2026 00:00:00 GMT"),
                packages: [first, second]
            )
        ]
        return try draft.finished()
    }

    @Test func `what was written is read`() throws {
        let catalog = try Self.catalog()
        let again = try Catalog(decoding: catalog.bytes)
        #expect(again.packages == catalog.packages)
        #expect(again.distributions.map(\.name) == ["temurin", "zulu"])
        #expect(again.distributions[0].synonyms == ["adoptium"])
        #expect(again.origin == catalog.origin)
        #expect(again.packages[0].size == 205_750_292)
        #expect(again.packages[1].isLatestBuild == nil)
        #expect(again.packages[1].filename == "a?b?c?[2J?é.zip")
    }

    @Test func `version 1 of the document stays readable`() throws {
        let golden = try #require(Bundle.module.url(forResource: "Fixtures/catalogue-1", withExtension: "txt"))
        let bytes = [UInt8](try Data(contentsOf: golden))
        #expect(try Catalog(decoding: bytes).packages == Self.catalog().packages)
        #expect(try Self.catalog().bytes == bytes, "the format changed: raise its version")
    }

    @Test func `a document that is cut off anywhere is refused`() throws {
        let bytes = try Self.catalog().bytes
        for end in 0..<bytes.count {
            #expect(throws: Catalog.Unreadable.self) { try Catalog(decoding: Array(bytes[..<end])) }
        }
        #expect(throws: Catalog.Unreadable.self) { try Catalog(decoding: bytes + [UInt8(ascii: "\n")]) }
    }

    @Test func `no damage brings a reader down`() throws {
        let bytes = try Self.catalog().bytes
        for index in bytes.indices {
            for replacement in [0, 9, 10, 0x70, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[index] = replacement
                if let catalog = try? Catalog(decoding: damaged) { _ = catalog.packages }
            }
        }
    }

    @Test func `packages without a name or a version are left out`() throws {
        var nameless = JDKPackage()
        nameless.javaVersion = "21"
        var odd = JDKPackage()
        odd.distribution = "x"
        odd.javaVersion = "twenty-one"
        #expect(CatalogDraft.Part(url: "u", packages: [nameless, odd]).count == 0)
    }
}

struct ImportTests {
    private func versions(_ text: String) throws -> [String] {
        try ImportedDocument.catalog(Array(text.utf8), named: "file.json").packages.map(\.javaVersion)
    }

    @Test func `every kind of document is taken`() throws {
        #expect(
            try versions(#"{"message": "", "result": [{"distribution": "zulu", "java_version": "21.0.1+12"}]}"#) == [
                "21.0.1+12"
            ]
        )
        #expect(
            try versions(#"[{"distribution": "zulu", "version": {"components": [17, 0, 9], "build": [8]}}]"#) == [
                "17.0.9+8"
            ]
        )
        let kopi = #"""
            {"version": 1, "distributions": {"temurin": {"distribution": "temurin", "display_name": "Eclipse Temurin",
              "packages": [{"version": {"components": [22], "pre_release": "ea"}, "operating_system": "alpine"}]}}}
            """#
        #expect(try versions(kopi) == ["22-ea"])
        let own = try ImportedDocument.catalog(Array(kopi.utf8), named: "x")
        #expect(own.packages[0].libC == "musl")
        #expect(try ImportedDocument.catalog(own.bytes, named: "y").packages == own.packages)
    }

    @Test(arguments: [
        "", "{", "[]", "{\"result\": []}", "null", "[1, 2", "{\"distributions\": 3}", "\u{0}\u{1}", "[[[[", "{\"a\":}",
    ])
    func `anything else is refused in one sentence`(text: String) {
        let error = #expect(throws: ImportedDocument.Failure.self) { try versions(text) }
        #expect(error?.description.isEmpty == false)
    }

    @Test func `values that are nested without end are refused`() {
        let bytes = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
        #expect(throws: ImportedDocument.Failure.self) { try ImportedDocument.catalog(bytes, named: "x") }
    }

    @Test func `no cut and no flipped byte brings the JSON reader down`() {
        let text =
            #"{"result": [{"distribution": "z\u00fc\ud83d\ude00\n\"", "java_version": "21", "size": -1.5e+3, "x": [true, false, null]}]}"#
        let bytes = Array(text.utf8)
        for end in bytes.indices { _ = try? ImportedDocument.catalog(Array(bytes[..<end]), named: "x") }
        for index in bytes.indices {
            for replacement in [0, 0x22, 0x5C, 0x7B, 0x7D, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[index] = replacement
                _ = try? ImportedDocument.catalog(damaged, named: "x")
            }
        }
    }

    @Test func `escapes are understood`() throws {
        let text = #"[{"distribution": "z\u00fc\ud83d\ude00\ud83dx\/", "java_version": "21"}]"#
        #expect(try ImportedDocument.catalog(Array(text.utf8), named: "x").packages[0].distribution == "zü😀\u{FFFD}x/")
    }
}

struct PlatformTests {
    @Test func `one spelling for every name of a platform`() {
        #expect(Platform.architecture("amd64") == "x64")
        #expect(Platform.architecture("arm64") == "aarch64")
        #expect(Platform.operatingSystem("alpine_linux") == ("linux", "musl"))
        #expect(Platform.libC("libc", on: "linux") == "glibc")
        #expect(Platform.libC("libc", on: "macos") == "libc")
        #expect(Platform.architecture(inFilename: "OpenJDK21U-jdk_aarch64_linux_hotspot_21.0.5_11.tar.gz") == "aarch64")
        #expect(Platform.architecture(inFilename: "bellsoft-jdk21.0.5+11-linux-amd64.tar.gz") == "x64")
        #expect(Platform.architecture(inFilename: "zulu21-ca-jdk21-linux_x86_64.zip") == "x64")
        #expect(Platform.architecture(inFilename: "x.zip") == "")
    }

    @Test func `a machine that has musl's loader only is one for musl`() throws {
        let root = FileManager.default.temporaryDirectory.path + "/larder-root-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root + "/lib", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        #expect(Platform.host(root: .init(root)).libC == "glibc")
        for name in ["ld-musl-x86_64.so.1", "ld-musl-aarch64.so.1"] {
            _ = FileManager.default.createFile(atPath: root + "/lib/" + name, contents: nil)
        }
        #expect(Platform.host(root: .init(root)).libC == "musl")
    }
}
