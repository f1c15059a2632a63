import Foundation
import TestSupport
import Testing

/// What names its place is given there only, and what does not is given everywhere.
@Suite(.enabled(if: SwiftToolchainUnderTest.programs != nil, "needs a Swift toolchain"))
struct SwiftPlaceTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    /// Compiles in both places through the cache and bare; says how often the second place hit.
    ///
    /// Two bare compiles with debug information differ in a number that they give to a C module of Swift's own.
    private func hitsElsewhere(
        _ source: String,
        _ words: [String] = [],
        outputs: [String] = ["a.o"],
        isSame: Bool = true
    ) throws -> Int {
        var hits = 0
        for place in ["one", "two"] {
            try workshop.write(source, to: "\(place)/a.swift")
            let directory = workshop.url(place).path
            let command =
                ["swiftc", "-c", "\(directory)/a.swift", "-o", "\(directory)/a.o", "-module-name", "A"] + words
                + ["-debug-prefix-map", "\(directory)=.", "-file-compilation-dir", "."]
            try workshop.run(command, in: place, environment: SwiftToolchainUnderTest.environment)
            let bare = outputs.map { workshop.read("\(place)/\($0)") }
            for output in outputs { workshop.remove("\(place)/\(output)") }
            let counted = try workshop.counting {
                try workshop.larder(command, in: place, environment: SwiftToolchainUnderTest.environment)
            }
            hits = counted.hits
            #expect(!bare.contains(nil))
            let given = outputs.map { workshop.read("\(place)/\($0)") }
            #expect(isSame ? given == bare : given.map { $0?.count } == bare.map { $0?.count })
        }
        return hits
    }

    @Test func `debug information is mapped`() throws {
        #expect(try hitsElsewhere("public func a() -> Int { 1 }\n", ["-g"], isSame: false) == 1)
    }

    @Test func `a path in the code is not`() throws {
        #expect(try hitsElsewhere("public func a() -> String { #filePath }\n") == 0)
    }

    @Test func `a path in a module is found, wherever it stands`() throws {
        for length in 0..<8 {
            let name = "a" + String(repeating: "b", count: length)
            let source = "@inlinable public func \(name)() -> String { #filePath }\n"
            let words = ["-emit-module", "-emit-module-path", "A.swiftmodule", "-avoid-emit-module-source-info"]
            #expect(try hitsElsewhere(source, words, outputs: ["a.o", "A.swiftmodule"]) == 0)
        }
    }

    @Test func `a module that names nothing is the same file`() throws {
        let words = [
            "-emit-module", "-emit-module-path", "A.swiftmodule", "-avoid-emit-module-source-info",
            "-Xfrontend", "-prefix-serialized-debugging-options",
        ]
        // The object holds a digest of what it was made from, paths of the sources included.
        let outputs = ["A.swiftmodule", "A.swiftdoc"]
        #expect(try hitsElsewhere("/// Says one.\npublic func a() -> Int { 1 }\n", words, outputs: outputs) == 1)
    }

    @Test func `a source that is edited while it is compiled is not kept`() throws {
        try workshop.write("public func a() -> Int { 1 }\n", to: "a.swift")
        let command = "\(Workshop.larder.path) swiftc -c a.swift -o a.o -module-name A"
        // The directory for what the compiler says appears before the compiler starts.
        let words = """
            \(command) & until ls a.o.larder* > /dev/null 2>&1 || ! kill -0 $!; do :; done
            echo 'public func b() -> Int { 2 }' >> a.swift; wait $!
            """
        let counted = try workshop.counting {
            try workshop.run(["sh", "-c", words], environment: SwiftToolchainUnderTest.environment)
        }
        #expect(counted.misses == 1)
        let again = try workshop.counting {
            try workshop.run(["sh", "-c", command], environment: SwiftToolchainUnderTest.environment)
        }
        // Where the edit came before the compiler began, what it made is right and may be kept.
        let given = workshop.read("a.o")
        try workshop.run(
            ["sh", "-c", "swiftc -c a.swift -o a.o -module-name A"],
            environment: SwiftToolchainUnderTest.environment
        )
        #expect(again.hits == 0 || given == workshop.read("a.o"))
    }

    @Test func `a toolchain's file counts`() throws {
        let programs = try #require(SwiftToolchainUnderTest.programs)
        // A copy: another link to the toolchain's file would change it under the tests that run beside this one.
        let made = try workshop.run([
            "sh", "-ec",
            """
            mkdir -p tc/usr/bin tc/usr/share/swift; ln -s \(programs)/../lib tc/usr/lib
            cp --reflink=auto \(programs)/swift-driver \(programs)/swift-frontend tc/usr/bin; ln -s swift-driver tc/usr/bin/swiftc
            cp \(programs)/../share/swift/features.json tc/usr/share/swift
            """,
        ])
        #expect(made.status == 0, "\(made.errorText)")
        try workshop.write("public func a() -> Int { 1 }\n", to: "a.swift")
        func hits() throws -> Int {
            try workshop.counting {
                try workshop.larder(
                    ["tc/usr/bin/swiftc", "-c", "a.swift", "-o", "a.o", "-module-name", "A"],
                    environment: SwiftToolchainUnderTest.environment
                )
            }.hits
        }
        #expect(try hits() == 0)
        #expect(try hits() == 1)
        try workshop.run(["sh", "-c", "echo >> tc/usr/share/swift/features.json"])
        #expect(try hits() == 0)
    }
}
