import Foundation
import TestSupport
import Testing

/// A link that leads nowhere, where a header or a program is looked for: what it names may appear in another directory, and leaves no
/// trace in the one that holds the link.
@Suite struct DanglingLinks {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text = "#include \"a.h\"\nint x = M;\n"
        var link = "../build/a.h"
        var name = "gen/a.h"
        var words = ["-Igen", "-Idef"]
        var environment: [String: String] = [:]
    }

    static let cases = [
        Case(testDescription: "of a header"),
        Case(testDescription: "that is searched for quoted names only", words: ["-iquote", "gen", "-Idef"]),
        Case(
            testDescription: "that is asked for",
            text: "#if __has_include(\"a.h\")\nint x = 2;\n#else\nint x = 1;\n#endif\n",
            words: ["-Igen"]
        ),
        Case(
            testDescription: "of a directory on the way",
            text: "#include \"s/a.h\"\nint x = M;\n",
            link: "../build",
            name: "gen/s"
        ),
        Case(testDescription: "of a searched directory", link: "build", name: "gen"),
        Case(testDescription: "in a directory that a variable names", words: ["-Idef"], environment: ["CPATH": "gen"]),
        Case(testDescription: "of a link", link: "../build/link", name: "gen/a.h"),
    ]

    @Test(arguments: ["gcc", "clang"], cases)
    func `what it names appears`(_ compiler: String, _ item: Case) throws {
        let workshop = try Workshop()
        try workshop.write("#define M 1\n", to: "def/a.h")
        try workshop.write("#define M 1\n", to: "def/s/a.h")
        try workshop.write(item.text, to: "a.c")
        let prepare = "mkdir -p $(dirname \(item.name)) build.new; ln -s \(item.link) \(item.name)"
        #expect(try workshop.run(["sh", "-ec", prepare]).status == 0)
        Workshop.waitForNextTick()
        let words = [compiler] + item.words + ["-MD", "-c", "a.c", "-o", "a.o"]
        let counted = try workshop.counting {
            for _ in 1...3 {
                let outcome = try workshop.larder(words, environment: item.environment)
                #expect(outcome.status == 0, "\(outcome)")
            }
        }
        #expect(counted.hits >= 1, "\(counted)")
        try workshop.write("#define M 2\n", to: "build.new/a.h")
        let appear = "mv build.new build; cd build; ln -s a.h link"
        #expect(try workshop.run(["sh", "-ec", appear]).status == 0)
        try workshop.larder(words, environment: item.environment)
        let given = (workshop.read("a.o"), workshop.read("a.d"))
        try workshop.run(words, environment: item.environment)
        #expect(given == (workshop.read("a.o"), workshop.read("a.d")))
    }

    @Test func `an assembler appears`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write("#!/bin/sh\necho bad >&2\nexit 1\n", to: "tool.new/as")
        let prepare = "mkdir p; chmod +x tool.new/as; ln -s ../tool/as p/as"
        #expect(try workshop.run(["sh", "-ec", prepare]).status == 0)
        let environment = ["COMPILER_PATH": workshop.url("p").path]
        let words = ["gcc", "-c", "a.c", "-o", "a.o"]
        Workshop.waitForNextTick()
        for _ in 1...3 { #expect(try workshop.larder(words, environment: environment).status == 0) }
        #expect(try workshop.run(["mv", "tool.new", "tool"]).status == 0)
        let outcome = try workshop.larder(words, environment: environment)
        let bare = try workshop.run(words, environment: environment)
        #expect(outcome == bare && bare.status == 1)
    }

    /// It used to count as one that has appeared wherever other files come and go beside it.
    @Test func `one where files come and go is no reason for a miss`() throws {
        let workshop = try Workshop()
        try workshop.write("", to: "b.h")
        try workshop.write("#include \"b.h\"\n", to: "b.c")
        #expect(try workshop.run(["ln", "-s", "nowhere/b.h.gch", "b.h.gch"]).status == 0)
        Workshop.waitForNextTick()
        let counted = try workshop.counting {
            for number in 1...4 {
                try workshop.write("", to: "other\(number)")
                try workshop.larder(["gcc", "-c", "b.c", "-o", "b.o"])
            }
        }
        #expect(counted.hits == 3)
    }
}
