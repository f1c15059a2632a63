import Foundation
import TestSupport
import Testing

/// The order in which directories are searched, and which of them are one.
@Suite struct SearchOrder {
    private static let source = "#include <x.h>\nint a = X;\n"
    private static let quoting = "#include \"x.h\"\nint a = X;\n"
    private static let compile = ["-c", "a.c", "-o", "a.o"]
    private static func define(_ number: Int) -> String { "#define X \(number)\n" }
    private static func write(_ number: Int, to file: String) -> String {
        "mkdir -p $(dirname \(file)); echo '#define X \(number)' > \(file)"
    }
    /// A header that counts how often it is included.
    private static let counting =
        "#include_next <x.h>\n#ifdef X\n#undef X\n#define X 5\n#else\n#define X 1\n#endif\n"

    private static let changes: [Change] = [
        Change(
            name: "CPATH is searched before -isystem",
            files: ["a.c": source, "1/y.h": "", "2/x.h": define(2)],
            arguments: ["-isystem", "2"] + compile,
            environment: ["CPATH": "1"],
            change: write(1, to: "1/x.h")
        ),
        Change(
            name: "an empty element of CPATH is the working directory",
            files: ["a.c": source, "2/x.h": define(2)],
            arguments: ["-isystem", "2"] + compile,
            environment: ["CPATH": ":"],
            change: write(1, to: "x.h")
        ),
        Change(
            name: "CPATH is searched behind -I",
            files: ["a.c": source, "1/y.h": "", "2/x.h": define(2)],
            arguments: ["-I2"] + compile,
            environment: ["CPATH": "1"],
            change: write(1, to: "1/x.h"),
            next: .hit
        ),
        Change(
            name: "C_INCLUDE_PATH is searched behind -isystem",
            files: ["a.c": source, "1/y.h": "", "2/x.h": define(2)],
            arguments: ["-isystem", "1"] + compile,
            environment: ["C_INCLUDE_PATH": "2"],
            change: write(1, to: "1/x.h")
        ),
        Change(
            name: "a directory of -I becomes a link to one of the system's",
            files: ["a.c": source, "1/x.h": define(1), "2/x.h": define(2), "s/x.h": define(1)],
            arguments: ["-I1", "-I2", "-isystem", "s"] + compile,
            change: "rm -r 1; ln -s s 1"
        ),
        Change(
            name: "a directory of -iquote becomes a link to one of the system's",
            files: ["a.c": quoting, "1/x.h": define(1), "2/x.h": define(2), "s/x.h": define(1)],
            arguments: ["-iquote", "1", "-I2", "-isystem", "s"] + compile,
            change: "rm -r 1; ln -s s 1"
        ),
        Change(
            name: "a link to one of the system's becomes a directory of its own",
            files: ["a.c": source, "2/x.h": define(2), "s/x.h": define(1)],
            prepare: "ln -s s 1",
            arguments: ["-I1", "-I2", "-isystem", "s"] + compile,
            change: "rm 1; mkdir 1; cp s/x.h 1"
        ),
        Change(
            name: "a directory becomes a link to the next one",
            files: ["a.c": source, "1/x.h": counting, "2/x.h": counting, "3/x.h": ""],
            arguments: ["-I1", "-I2", "-I3"] + compile,
            change: "rm -r 1; ln -s 2 1"
        ),
        Change(
            name: "a directive behind a NUL",
            files: ["a.c": "\0#\0include <x.h>\nint a = X;\n", "1/y.h": "", "2/x.h": define(2)],
            arguments: ["-w", "-I1", "-I2"] + compile,
            change: write(1, to: "1/x.h")
        ),
        Change(
            name: "a directory is replaced by one with the same files",
            files: ["a.c": source, "1/x.h": define(1), "2/x.h": define(2)],
            arguments: ["-I1", "-I2"] + compile,
            change: "cp -r 1 3; rm -r 1; mv 3 1",
            next: .hit
        ),
        Change(
            name: "two names of one directory stay so",
            files: ["a.c": source, "1/x.h": define(1)],
            arguments: ["-I1", "-I./1/../1", "-I2"] + compile,
            change: "touch 1/y.h",
            next: .hit
        ),
    ]

    @Test(arguments: changes) func `is kept to`(_ change: Change) throws { try change.check() }

    /// Where a wrapper puts a directory of its own among the command line's.
    @Test(
        arguments: ["-I own \"$@\"", "\"$@\" -I own", "-isystem own \"$@\"", "-iquote own \"$@\""],
        [["-isystem", "A"], ["-g", "-MMD", "-isystem", "A"]]
    )
    func `a directory of a wrapper's has its place`(words: String, arguments: [String]) throws {
        try Change(
            name: words,
            files: ["a.c": Self.quoting, "A/x.h": Self.define(2), "own/y.h": ""],
            prepare: "printf '#!/bin/sh\\nexec gcc %s\\n' '\(words)' > cc; chmod +x cc",
            arguments: arguments + Self.compile,
            change: Self.write(1, to: "own/x.h"),
            compilers: ["./cc"]
        ).check()
    }

    @Test func `a program that appears where the compiler looks for its own is run`() throws {
        let workshop = try Workshop()
        try workshop.write("int a = N;\n", to: "a.c")
        let path = workshop.url("programs").path
        let command = ["gcc", "-DN=1"] + Self.compile
        let real = try workshop.run(["gcc", "-print-prog-name=cc1"]).outputText.trimmingCharacters(in: .newlines)
        for _ in 1...2 { try same(command, ["COMPILER_PATH": path], workshop) }
        #expect(try workshop.counters().hits == 1)
        try workshop.write("#!/bin/sh\nexec \(real) \"$@\" -UN -DN=2\n", to: "programs/cc1")
        try workshop.run(["chmod", "+x", "programs/cc1"])
        for _ in 1...2 { try same(command, ["COMPILER_PATH": path], workshop) }
        #expect(try workshop.counters().hits == 2)
    }

    @Test func `specs that appear where gcc looks for its linker's files are read`() throws {
        let workshop = try Workshop()
        try workshop.write("int a = N + 0;\n", to: "a.c")
        let path = workshop.url("lib").path
        let command = ["gcc", "-DN=1"] + Self.compile
        for _ in 1...2 { try same(command, ["LIBRARY_PATH": path], workshop) }
        #expect(try workshop.counters().hits == 1)
        try workshop.write("*cc1:\n+ -UN -DN=2\n\n", to: "lib/specs")
        for _ in 1...2 { try same(command, ["LIBRARY_PATH": path], workshop) }
        #expect(try workshop.counters().hits == 2)
    }

    @Test(arguments: [["COMPILER_PATH": "programs"], ["GCC_EXEC_PREFIX": "/usr/lib/gcc/"]])
    func `programs that are searched in ways that are not followed make a bypass`(environment: [String: String]) throws
    {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let counted = try workshop.counting {
            try workshop.larder(["gcc"] + Self.compile, environment: environment)
        }
        #expect(counted.bypasses == 1)
    }
}
