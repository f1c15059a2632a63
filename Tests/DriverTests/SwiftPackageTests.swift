import Foundation
import TestSupport
import Testing

/// `larder swift` on a package with a C target, a library and a program, checked out in two places.
@Suite(.enabled(if: SwiftToolchainUnderTest.programs != nil, "needs a Swift toolchain"))
struct SwiftPackageTests {
    private let workshop: Workshop

    private static let files = [
        "Package.swift": """
        // swift-tools-version: 6.0
        import PackageDescription
        let package = Package(name: "app", targets: [
            .target(name: "CNumber"), .target(name: "Number", dependencies: ["CNumber"]),
            .executableTarget(name: "app", dependencies: ["Number"]),
            .testTarget(name: "NumberTests", dependencies: ["Number"]),
        ])
        """,
        "Sources/CNumber/include/number.h": "#define BASE 40\nint number(int);\n",
        "Sources/CNumber/number.c": "#include \"number.h\"\nint number(int a) { return a + 1; }\n",
        "Sources/Number/Number.swift": """
        import CNumber
        @inlinable public func one() -> Int { 1 }
        public func answer() -> Int { Int(number(BASE)) + one() + more() }
        """,
        "Sources/Number/More.swift": "func more() -> Int { 0 }\n",
        "Sources/app/main.swift": "import Number\nprint(answer(), one())\n",
        "Tests/NumberTests/Tests.swift": """
        import Number
        import XCTest
        final class NumberTests: XCTestCase { func testAnswer() { XCTAssertEqual(answer(), 42) } }
        """,
    ]

    init() throws {
        workshop = try Workshop()
        for checkout in ["one/app", "two/app"] {
            for (name, text) in Self.files { try workshop.write(text, to: "\(checkout)/\(name)") }
        }
    }

    @discardableResult
    private func swift(_ words: String..., in checkout: String) throws -> Workshop.Outcome {
        let outcome = try workshop.larder(
            ["swift"] + words,
            in: "\(checkout)/app",
            environment: SwiftToolchainUnderTest.environment
        )
        #expect(outcome.status == 0, "\(outcome.outputText)\(outcome.errorText)")
        return outcome
    }

    private func app(in checkout: String) throws -> String {
        try workshop.run([workshop.url("\(checkout)/app/.build/debug/app").path]).outputText
    }

    private func expectApp(_ checkout: String, says expected: String, _ location: SourceLocation = #_sourceLocation)
        throws
    {
        let said = try app(in: checkout)
        #expect(said == expected, sourceLocation: location)
    }

    private func edit(_ words: String, in checkout: String) throws {
        let outcome = try workshop.run(["sh", "-ec", words], in: "\(checkout)/app")
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }

    @Test func `a second checkout compiles nothing, and an edit what it must`() throws {
        let first = try swift("build", in: "one")
        #expect(first.errorText.hasPrefix("larder: swiftc and clang through the cache"))
        try expectApp("one", says: "42 1\n")
        let second = try workshop.counting { try swift("build", in: "two") }
        #expect((second.hits, second.misses) == (3, 0))
        try expectApp("two", says: "42 1\n")

        // Through a module, and through a header.
        try edit("sed -i 's/{ 1 }/{ 2 }/' Sources/Number/Number.swift", in: "two")
        try swift("build", in: "two")
        try expectApp("two", says: "43 2\n")
        // swiftc by itself does not always see a changed header in an incremental run, so its reader is touched as well.
        try edit(
            "sed -i 's/40/50/' Sources/CNumber/include/number.h; echo '//' >> Sources/Number/Number.swift",
            in: "two"
        )
        try swift("build", in: "two")
        try expectApp("two", says: "53 2\n")

        // Back to what is cached; then an edit beside it, which must not be taken for one of the state before.
        try edit("cp -p ../../one/app/Sources/Number/Number.swift Sources/Number", in: "two")
        try edit("cp -p ../../one/app/Sources/CNumber/include/number.h Sources/CNumber/include", in: "two")
        try swift("build", in: "two")
        try expectApp("two", says: "42 1\n")
        try edit("sed -i 's/0/5/' Sources/Number/More.swift", in: "two")
        try swift("build", in: "two")
        try expectApp("two", says: "47 1\n")

        // Without the cache it goes on as well.
        let bare = try workshop.run(
            ["swift", "build"],
            in: "two/app",
            environment: SwiftToolchainUnderTest.environment
        )
        #expect(bare.status == 0, "\(bare.outputText)")
        try expectApp("two", says: "47 1\n")
    }

    @Test func `tests are found and run in each checkout`() throws {
        for checkout in ["one", "two"] {
            let outcome = try swift("test", in: checkout)
            let said = outcome.outputText + outcome.errorText
            #expect(said.contains("Executed 1 test, with 0 failures"))
        }
        // A test that comes is found though the module was known.
        try edit(
            "sed -i 's/func testAnswer/func testMore() {} ; func testAnswer/' Tests/NumberTests/Tests.swift",
            in: "two"
        )
        let outcome = try swift("test", in: "two")
        let said = outcome.outputText + outcome.errorText
        #expect(said.contains("Executed 2 tests, with 0 failures"))
    }

    @Test func `a command that is no build is swift's alone`() throws {
        let outcome = try swift("--version", in: "one")
        #expect(outcome.outputText.contains("Swift version"))
        #expect(!outcome.errorText.contains("larder"))
    }

    @Test func `what is wrong with the cache stops no build`() throws {
        try workshop.write("max_size = nonsense\n", to: ".cache/larder.conf")
        let outcome = try swift("build", in: "one")
        #expect(outcome.errorText.contains("swift runs without the cache"))
        try expectApp("one", says: "42 1\n")
    }
}
