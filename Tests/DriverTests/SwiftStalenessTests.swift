import Testing

private let macroUser = """
    @freestanding(expression) macro m() -> String = #externalMacro(module: "P", type: "M")
    public func a() -> String { #m }

    """

/// A program of macros: each is the text of the file `data`.
private let macroText = """
    import json, os, struct, sys
    def run():
        while head := sys.stdin.buffer.read(8):
            text = sys.stdin.buffer.read(struct.unpack("<Q", head)[0])
            if not text: break
            message = json.loads(text)
            if "getCapability" in message:
                answer = {"getCapabilityResult": {"capability": {"protocolVersion": 7}}}
            else:
                text = open("data").read() if os.path.exists("data") else "none"
                answer = {"expandMacroResult": {"expandedSource": json.dumps(text), "diagnostics": []}}
            answer = json.dumps(answer).encode()
            sys.stdout.buffer.write(struct.pack("<Q", len(answer)) + answer)
            sys.stdout.flush()

    """
private let macroProgram = "#!/usr/bin/python3\n" + macroText + "run()\n"

private let compile = ["-c", "a.swift", "-o", "a.o", "-module-name", "A"]

/// `a.swift` that uses a module B, which stands in `m`.
private let user = "import B\npublic func a() -> Int { b() }\n"
private func make(_ text: String, in directory: String = "m") -> String {
    """
    mkdir -p \(directory); printf '%s\\n' '\(text)' > b.swift
    swiftc -emit-module -module-name B -emit-module-path \(directory)/B.swiftmodule b.swift
    """
}

/// `a.swift` that uses a C module.
private let constant = "import C\npublic func a() -> Int { Int(X) }\n"
private func define(_ number: Int) -> String { "#define X \(number)\n" }
private let moduleMap = "module C { header \"c.h\" export * }\n"

private let sources: [SwiftChange] = [
    SwiftChange(name: "a source is edited", change: "sed -i s/1/2/ a.swift"),
    SwiftChange(
        name: "a source is edited, its size and time set back",
        change: "touch -r a.swift t; sed -i s/1/2/ a.swift; touch -r t a.swift"
    ),
    SwiftChange(
        name: "the source of a module alone, whose place is another word's value",
        arguments: ["-emit-module", "a.swift", "-o", "X.swiftmodule", "-module-name", "A"],
        outputs: ["X.swiftmodule", "X.swiftdoc", "X.swiftsourceinfo"],
        change: "sed -i s/1/2/ a.swift; echo 'public func b() {}' >> a.swift"
    ),
    SwiftChange(
        name: "the source of a module alone, which is called after the module",
        arguments: ["-emit-module", "a.swift", "-module-name", "A"],
        outputs: ["A.swiftmodule", "A.swiftdoc", "A.swiftsourceinfo"],
        change: "echo 'public func b() {}' >> a.swift"
    ),
    SwiftChange(name: "a source is touched", change: "touch -d 2001-01-01 a.swift", next: .hit),
    SwiftChange(
        name: "a source is replaced by a rename",
        change: "sed s/1/2/ a.swift > b.swift; touch -r a.swift b.swift; mv b.swift a.swift"
    ),
    SwiftChange(
        name: "a link to a source leads elsewhere",
        files: ["1.swift": "public func a() -> Int { 1 }\n", "2.swift": "public func a() -> Int { 2 }\n"],
        prepare: "ln -s 1.swift a.swift",
        change: "ln -sfn 2.swift a.swift"
    ),
    SwiftChange(
        name: "a source goes and comes back as it was",
        change: "cp a.swift b; rm a.swift; mv b a.swift",
        next: .hit
    ),
    SwiftChange(name: "an output is gone", change: "rm a.o", next: .hit),
    SwiftChange(name: "an output is another file", change: "echo nothing > a.o", next: .hit),
    SwiftChange(name: "a source is gone", change: "rm a.swift"),
    SwiftChange(
        name: "the second of two sources is edited",
        files: ["a.swift": "public func a() -> Int { b() }\n", "b.swift": "func b() -> Int { 1 }\n"],
        arguments: ["-c", "a.swift", "b.swift", "-module-name", "A"],
        outputs: ["a.o", "b.o"],
        change: "sed -i s/1/2/ b.swift"
    ),
    SwiftChange(
        name: "sources in another order",
        files: ["a.swift": "public func a() -> Int { b() }\n", "b.swift": "func b() -> Int { 1 }\n"],
        arguments: ["-c", "a.swift", "b.swift", "-wmo", "-o", "a.o", "-module-name", "A"],
        changedArguments: ["-c", "b.swift", "a.swift", "-wmo", "-o", "a.o", "-module-name", "A"]
    ),
    SwiftChange(
        name: "a response file",
        files: ["a.swift": "#if Y\npublic let a = 1\n#endif\n", "r": "-DX"],
        arguments: compile + ["@r"],
        change: "echo -DY > r"
    ),
    SwiftChange(
        name: "an output map",
        files: ["a.swift": "public let a = 1\n", "map": #"{"a.swift":{"object":"a.o"}}"#],
        arguments: ["-c", "a.swift", "-module-name", "A", "-output-file-map", "map"],
        outputs: ["a.o", "b.o"],
        change: #"echo '{"a.swift":{"object":"b.o"}}' > map"#
    ),
    SwiftChange(
        name: "warnings are given again",
        files: ["a.swift": "public func a() -> Int { let b = 1; return 2 }\n"],
        change: "touch a.swift",
        next: .hit
    ),
]

private func option(_ name: String, _ words: String..., on text: String = "public func a() -> Int { 1 }\n")
    -> SwiftChange
{
    SwiftChange(name: name, files: ["a.swift": text], changedArguments: compile + words)
}

private let options: [SwiftChange] = [
    option("-D", "-DX", on: "#if X\npublic let a = 1\n#endif\n"),
    option("-O", "-O"),
    option("-g", "-g"),
    option("-enable-testing", "-enable-testing", on: "func a() -> Int { 1 }\n"),
    option("-swift-version", "-swift-version", "6", on: "public let a = #file\n"),
    option("-enable-upcoming-feature", "-enable-upcoming-feature", "ConciseMagicFile", on: "public let a = #file\n"),
    option("-package-name", "-package-name", "p", on: "public let a = 1\n"),
    option("-parse-as-library", "-parse-as-library", on: "public let a = 1\n"),
    option("-sanitize", "-sanitize=thread"),
    option("-enforce-exclusivity", "-enforce-exclusivity=unchecked"),
    option("-assert-config", "-assert-config", "Release", on: "public func a(_ b: Int) { assert(b > 0) }\n"),
    option("-module-link-name", "-module-link-name", "x"),
    option("warnings are errors", "-warnings-as-errors", on: "public func a() { let b = 1 }\n"),
    option("warnings are suppressed", "-suppress-warnings", on: "public func a() { let b = 1 }\n"),
    option("-no-color-diagnostics", "-no-color-diagnostics", on: "public func a() { let b = 1 }\n"),
    SwiftChange(
        name: "-module-name",
        changedArguments: ["-c", "a.swift", "-o", "a.o", "-module-name", "B"]
    ),
    SwiftChange(
        name: "-debug-prefix-map",
        arguments: compile + ["-g", "-debug-prefix-map", "/x=/y"],
        changedArguments: compile + ["-g", "-debug-prefix-map", "/x=/z"],
        next: .miss
    ),
    SwiftChange(
        name: "-file-compilation-dir",
        arguments: compile + ["-g", "-file-compilation-dir", "/x"],
        changedArguments: compile + ["-g", "-file-compilation-dir", "/y"]
    ),
    SwiftChange(
        name: "-working-directory, which is not cached",
        files: ["d/a.swift": "public let a = 1\n"],
        arguments: ["-working-directory", "d"] + compile,
        outputs: ["d/a.o"],
        change: "sed -i s/1/2/ d/a.swift",
        isCacheable: false
    ),
    SwiftChange(
        name: "a bridging header, which is not cached",
        files: ["a.swift": "public func a() -> Int { Int(X) }\n", "h.h": define(1)],
        arguments: ["-import-objc-header", "h.h"] + compile,
        change: "echo '#define X 2' > h.h",
        isCacheable: false
    ),
]

private let modules: [SwiftChange] = [
    SwiftChange(
        name: "a declaration of an imported module changes",
        files: ["a.swift": "import B\npublic func a() { print(b()) }\n"],
        prepare: make("public func b() -> Int { 1 }"),
        arguments: compile + ["-I", "m"],
        change: make("public func b() -> String { \"\" }")
    ),
    SwiftChange(
        name: "an inlinable body of an imported module changes",
        files: ["a.swift": user],
        prepare: make("@inlinable public func b() -> Int { 1 }"),
        arguments: compile + ["-I", "m", "-O"],
        change: make("@inlinable public func b() -> Int { 2 }")
    ),
    SwiftChange(
        name: "the documentation of an imported module changes",
        files: ["a.swift": user],
        prepare: make("public func b() -> Int { 1 }"),
        arguments: compile + ["-I", "m"],
        change: make("/// Says it.\npublic func b() -> Int { 1 }"),
        next: .either
    ),
    SwiftChange(
        name: "an imported module is made anew as it was",
        files: ["a.swift": user],
        prepare: make("public func b() -> Int { 1 }"),
        arguments: compile + ["-I", "m"],
        change: "rm m/*; " + make("public func b() -> Int { 1 }"),
        next: .hit
    ),
    SwiftChange(
        name: "a module appears in a directory that is searched before",
        files: ["a.swift": user],
        prepare: make("@inlinable public func b() -> Int { 1 }") + "; mkdir l",
        arguments: compile + ["-O", "-I", "l", "-I", "m"],
        change: make("@inlinable public func b() -> Int { 2 }", in: "l")
    ),
    SwiftChange(
        name: "a directory appears that is searched before",
        files: ["a.swift": user],
        prepare: make("@inlinable public func b() -> Int { 1 }"),
        arguments: compile + ["-O", "-I", "l", "-I", "m"],
        change: make("@inlinable public func b() -> Int { 2 }", in: "l")
    ),
    SwiftChange(
        name: "a module is gone that stood before another one",
        files: ["a.swift": user],
        prepare: make("@inlinable public func b() -> Int { 1 }") + "\n"
            + make("@inlinable public func b() -> Int { 2 }", in: "l"),
        arguments: compile + ["-O", "-I", "l", "-I", "m"],
        change: "rm l/B.swiftmodule"
    ),
    SwiftChange(
        name: "an imported module is gone",
        files: ["a.swift": user],
        prepare: make("public func b() -> Int { 1 }"),
        arguments: compile + ["-I", "m"],
        change: "rm m/B.swiftmodule"
    ),
    SwiftChange(
        name: "canImport becomes true",
        files: ["a.swift": "#if canImport(B)\nimport B\npublic let a = b()\n#else\npublic let a = 3\n#endif\n"],
        prepare: "mkdir m",
        arguments: compile + ["-I", "m"],
        change: make("public func b() -> Int { 1 }")
    ),
    SwiftChange(
        name: "canImport becomes true by a C module",
        files: ["a.swift": "#if canImport(C)\nimport C\npublic let a = X\n#else\npublic let a = 3\n#endif\n"],
        prepare: "mkdir c",
        arguments: compile + ["-I", "c"],
        change: "echo '#define X 4' > c/c.h; echo 'module C { header \"c.h\" }' > c/module.modulemap"
    ),
    SwiftChange(
        name: "canImport becomes false",
        files: ["a.swift": "#if canImport(B)\nimport B\npublic let a = b()\n#else\npublic let a = 3\n#endif\n"],
        prepare: make("public func b() -> Int { 1 }"),
        arguments: compile + ["-I", "m"],
        change: "rm m/B.swiftmodule"
    ),
    SwiftChange(
        name: "a module of a module changes",
        files: ["a.swift": "import D\npublic func a() -> Int { d() }\n"],
        prepare: make("@inlinable public func b() -> Int { 1 }") + """

            echo 'import B; @inlinable public func d() -> Int { b() }' > d.swift
            swiftc -emit-module -module-name D -emit-module-path m/D.swiftmodule d.swift -I m
            """,
        arguments: compile + ["-O", "-I", "m"],
        change: make("@inlinable public func b() -> Int { 2 }"),
        next: .either
    ),
    SwiftChange(
        name: "a library of macros is replaced",
        files: ["a.swift": "public let a = 1\n", "p.so": "one"],
        arguments: compile + ["-load-plugin-executable", "p.so#P"],
        change: "echo two > p.so"
    ),
    SwiftChange(
        name: "a file that a macro reads changes",
        files: ["a.swift": macroUser, "m/p.py": macroProgram, "data": "one"],
        prepare: "chmod 755 m/p.py",
        arguments: compile + ["-load-plugin-executable", "m/p.py#P"],
        change: "echo two > data"
    ),
    SwiftChange(
        name: "a file that a macro looks for appears",
        files: ["a.swift": macroUser, "m/p.py": macroProgram],
        prepare: "chmod 755 m/p.py",
        arguments: compile + ["-load-plugin-executable", "m/p.py#P"],
        change: "echo two > data"
    ),
    SwiftChange(
        name: "a library of macros appears",
        files: ["a.swift": "public let a = 1\n", "p/x": ""],
        arguments: compile + ["-plugin-path", "p"],
        change: "echo two > p/libP.so"
    ),
]

/// With a comment that has a single quote, and without one.
private let umbrellas = ["", "// an \"odd comment\n"].map { comment in
    SwiftChange(
        name: "a header appears below an umbrella directory \(comment)",
        files: [
            "a.swift": constant, "c/h/b.h": "#ifdef B\n#define X 22\n#else\n#define X 1\n#endif\n",
            "c/module.modulemap": comment + "module C { umbrella \"h\" export * }\n", "c/h/d/e.h": "",
        ],
        arguments: compile + ["-I", "c"],
        change: "echo '#define B' > c/h/a.h"
    )
}

private let headers: [SwiftChange] = [
    SwiftChange(
        name: "a C header is edited",
        files: ["a.swift": constant, "c/c.h": define(1), "c/module.modulemap": moduleMap],
        arguments: compile + ["-I", "c"],
        change: "echo '#define X 22' > c/c.h"
    ),
    SwiftChange(
        name: "a C header is edited, its time set back",
        files: ["a.swift": constant, "c/c.h": define(1), "c/module.modulemap": moduleMap],
        arguments: compile + ["-I", "c"],
        change: "touch -r c/c.h t; echo '#define X 22' > c/c.h; touch -r t c/c.h"
    ),
    SwiftChange(
        name: "a C header is touched",
        files: ["a.swift": constant, "c/c.h": define(1), "c/module.modulemap": moduleMap],
        arguments: compile + ["-I", "c"],
        change: "touch c/c.h",
        next: .hit
    ),
    SwiftChange(
        name: "notes on a module appear beside its map",
        files: [
            "a.swift": "import C\npublic func a() -> Int32 { q() }\n",
            "c/c.h": "static inline int q(void) { return 1; }\n",
            "c/module.modulemap": moduleMap, "x": "",
        ],
        arguments: compile + ["-I", "c", "-module-cache-path", "mc"],
        change:
            "rm -rf mc; printf -- '---\\nName: C\\nFunctions:\\n- Name: q\\n  Availability: nonswift\\n  AvailabilityMsg: no\\n' > c/C.apinotes"
    ),
    SwiftChange(
        name: "a header of a header is edited",
        files: [
            "a.swift": constant, "c/c.h": "#include <d.h>\n", "d/d.h": define(1), "c/module.modulemap": moduleMap,
        ],
        arguments: compile + ["-I", "c", "-Xcc", "-Id"],
        change: "echo '#define X 22' > d/d.h"
    ),
    SwiftChange(
        name: "a header appears before another one",
        files: [
            "a.swift": constant, "c/c.h": "#include <d.h>\n", "d/d.h": define(1), "e/x": "",
            "c/module.modulemap": moduleMap,
        ],
        arguments: compile + ["-I", "c", "-Xcc", "-Ie", "-Xcc", "-Id"],
        change: "touch -d '1 minute' c/c.h; echo '#define X 22' > e/d.h",
    ),
    SwiftChange(
        name: "__has_include becomes true",
        files: [
            "a.swift": constant, "c/c.h": "#if __has_include(<d.h>)\n#define X 3\n#else\n#define X 4\n#endif\n",
            "e/x": "", "c/module.modulemap": moduleMap,
        ],
        arguments: compile + ["-I", "c", "-Xcc", "-Ie"],
        change: "touch -d '1 minute' c/c.h; echo > e/d.h"
    ),
    SwiftChange(
        name: "a module map is edited",
        files: [
            "a.swift": constant, "c/c.h": define(1), "c/d.h": "#define X 22\n", "c/module.modulemap": moduleMap,
        ],
        arguments: compile + ["-I", "c"],
        change: "echo 'module C { header \"d.h\" }' > c/module.modulemap"
    ),
    SwiftChange(
        name: "a module map that the command line names is edited",
        files: ["a.swift": constant, "c/c.h": define(1), "c/d.h": "#define X 22\n", "c/map": moduleMap],
        arguments: compile + ["-Xcc", "-fmodule-map-file=c/map"],
        change: "echo 'module C { header \"d.h\" }' > c/map"
    ),
    SwiftChange(
        name: "a module map appears before another one",
        files: ["a.swift": constant, "b/c.h": "#define X 22\n", "c/c.h": define(1), "c/module.modulemap": moduleMap],
        arguments: compile + ["-I", "b", "-I", "c"],
        change: "cp c/module.modulemap b"
    ),
    SwiftChange(
        name: "a module map appears in a directory of the module's name",
        files: ["a.swift": constant, "b/x": "", "c/c.h": define(1), "c/module.modulemap": moduleMap],
        arguments: compile + ["-I", "b", "-I", "c"],
        change: "mkdir b/C; echo '#define X 22' > b/C/c.h; cp c/module.modulemap b/C"
    ),
    SwiftChange(
        name: "a macro of -Xcc changes",
        files: [
            "a.swift": constant, "c/c.h": "#ifdef Y\n#define X 5\n#else\n#define X 6\n#endif\n",
            "c/module.modulemap": moduleMap,
        ],
        arguments: compile + ["-I", "c"],
        changedArguments: compile + ["-I", "c", "-Xcc", "-DY"]
    ),
    SwiftChange(
        name: "notes on a C module appear",
        files: ["a.swift": constant, "c/c.h": define(1) + "void old(void);\n", "c/module.modulemap": moduleMap],
        arguments: compile + ["-I", "c"],
        change: "printf 'Name: C\\nFunctions:\\n- Name: old\\n  SwiftName: \"young()\"\\n' > c/C.apinotes",
        next: .miss
    ),
    SwiftChange(
        name: "a variable with a directory of headers",
        files: [
            "a.swift": constant, "c/c.h": "#include <d.h>\n", "d/d.h": define(1), "e/d.h": "#define X 22\n",
            "c/module.modulemap": moduleMap,
        ],
        arguments: compile + ["-I", "c"],
        environment: ["CPATH": "d"],
        changedEnvironment: ["CPATH": "e"]
    ),
    SwiftChange(
        name: "a header that tells the time is not kept",
        files: [
            "a.swift": "import C\npublic let a = 1\n", "c/c.h": "#define X __TIME__\n", "c/module.modulemap": moduleMap,
        ],
        arguments: compile + ["-I", "c"],
        isCacheable: false
    ),
]

@Suite(.enabled(if: SwiftToolchainUnderTest.programs != nil, "needs a Swift toolchain"))
struct SwiftStalenessTests {
    @Test(arguments: sources) func `of sources and outputs`(_ change: SwiftChange) throws { try change.check() }

    @Test(arguments: options) func `of options`(_ change: SwiftChange) throws { try change.check() }

    @Test(arguments: modules) func `of modules`(_ change: SwiftChange) throws { try change.check() }

    @Test(arguments: headers + umbrellas) func `of headers`(_ change: SwiftChange) throws { try change.check() }
}
