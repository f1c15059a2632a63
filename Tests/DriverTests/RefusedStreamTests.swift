import Testing

/// Messages that nobody takes: status and files are those of the bare tool.
@Suite struct RefusedStreamTests {
    private static let files = [
        "lib.rs": "fn unused() {}\npub fn used() {}\n", "warn.swift": "public func warn() { let unused = 1 }\n",
    ]

    @Test(arguments: ["--crate-type lib lib.rs 2>/dev/full", "--crate-type lib lib.rs -o out/lib.rlib 2>/dev/full"])
    func `of rustc`(_ line: String) throws {
        guard RustToolchain.installed != nil else { try Test.cancel("needs rustc") }
        try compareLines([line], of: "rustc", in: Self.files, environment: RustToolchain.environment(), .failure)
    }

    @Test(.enabled(if: SwiftToolchainUnderTest.programs != nil, "swiftc is not in PATH"))
    func `of swiftc`() throws {
        let environment = SwiftToolchainUnderTest.environment
        let lines = ["-c warn.swift 2>/dev/full", "-c warn.swift -serialize-diagnostics 2>/dev/full"]
        try compareLines(lines, of: "swiftc", in: Self.files, environment: environment, .failure)
    }
}
