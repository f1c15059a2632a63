import Testing

private let files = [
    "one.swift": "public struct One { public var value = 1 }\n",
    "two.swift": "public func two() -> Int { One().value + 1 }\n",
    "alone.swift": "public func alone() -> Int { 3 }\n",
    "warn.swift": "public func warn() { let unused = 1 }\n",
    "fail.swift": "public func fail() -> Int { undeclared }\n",
    "objects.json": #"{"one.swift":{"object":"out/1.o"},"two.swift":{"object":"out/2.o"}}"#,
    "diagnostics.json":
        #"{"one.swift":{"object":"out/1.o","diagnostics":"out/d.dia"},"two.swift":{"object":"out/2.o"}}"#,
    "rules.json": """
    {"one.swift":{"object":"out/1.o","dependencies":"out/1.d"},"two.swift":{"object":"out/2.o","dependencies":"out/2.d"},
     "":{"swift-dependencies":"out/m.swiftdeps"}}
    """,
    "whole.json": #"{"":{"object":"out/m.o","diagnostics":"out/w.dia"}}"#,
]

private let hits = [
    "-c alone.swift", "-c alone.swift -o out/a.o", "-c -O one.swift two.swift -module-name M",
    "-c -wmo one.swift two.swift -module-name M -o out/m.o",
    "-emit-module one.swift two.swift -module-name M", "-c warn.swift", "-c warn.swift -suppress-warnings",
    "-c -output-file-map objects.json one.swift two.swift -module-name M",
    "-c -output-file-map rules.json one.swift two.swift -module-name M -emit-dependencies",
    "-c -output-file-map rules.json one.swift two.swift -module-name M -emit-dependencies -emit-module -emit-module-path out/M.swiftmodule",
    // Diagnostics have names of their own.
    "-c alone.swift -serialize-diagnostics", "-c warn.swift -serialize-diagnostics -o out/w.o",
    "-c one.swift two.swift -module-name M -serialize-diagnostics",
    "-c -wmo one.swift two.swift -module-name M -serialize-diagnostics",
    "-c -wmo one.swift two.swift -module-name M -serialize-diagnostics -o out/m.o",
    "-c -wmo -num-threads 2 one.swift two.swift -module-name M -serialize-diagnostics",
    "-emit-module one.swift two.swift -module-name M -serialize-diagnostics",
    "-emit-module one.swift two.swift -module-name M -serialize-diagnostics -o out/X.swiftmodule",
    "-emit-module -wmo one.swift two.swift -module-name M -serialize-diagnostics -emit-module-path out/X.swiftmodule",
    "-c one.swift two.swift -module-name M -serialize-diagnostics -emit-module-path out/X.swiftmodule",
    "-c -wmo one.swift two.swift -module-name M -serialize-diagnostics -emit-module-path out/X.swiftmodule",
    "-c one.swift two.swift -module-name M -serialize-diagnostics -output-file-map objects.json",
    "-c one.swift two.swift -module-name M -serialize-diagnostics -output-file-map diagnostics.json",
    "-c -wmo one.swift two.swift -module-name M -serialize-diagnostics -output-file-map whole.json",
]

@Suite(.enabled(if: SwiftToolchainUnderTest.programs != nil, "swiftc is not in PATH"))
struct SwiftEqualityTests {
    @Test(arguments: hits) func `a hit leaves what swiftc leaves`(_ line: String) throws { try compare(line, .hit) }

    @Test(arguments: ["-c fail.swift", "-c fail.swift -serialize-diagnostics", "-c nowhere.swift"])
    func `a compile that fails does so again`(_ line: String) throws { try compare(line, .failure) }

    private func compare(_ line: String, _ expected: LineOutcome) throws {
        let environment = SwiftToolchainUnderTest.environment
        try compareLines([line], of: "swiftc", in: files, environment: environment, expected)
    }
}
