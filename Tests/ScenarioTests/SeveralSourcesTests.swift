import Foundation
import TestSupport
import Testing

/// One command that compiles several sources.
@Suite struct SeveralSourcesTests {
    @Test(arguments: EqualityTests.Family.allCases)
    func `every command gives what the bare compiler gives`(family: EqualityTests.Family) throws {
        let project = try EqualityProject()
        var comparison = try Comparison(project, family)
        let cases = SeveralSourcesTable.cases(for: family.rawValue)
        #expect(cases.count >= 25)
        for item in cases { try comparison.run(item) }
    }

    private static func workshop() throws -> Workshop {
        let workshop = try Workshop()
        for name in ["a", "b", "c"] {
            try workshop.write("#include \"\(name).h\"\nint \(name)(void) { return VALUE; }\n", to: "\(name).c")
            try workshop.write("#define VALUE 1\n", to: "\(name).h")
        }
        return workshop
    }

    private static let command = ["-O1", "-c", "a.c", "b.c", "c.c"]

    @Test(arguments: EqualityTests.Family.allCases)
    func `each source is an entry, whoever asks for it`(family: EqualityTests.Family) throws {
        let workshop = try Self.workshop()
        // In any order, among any others, and alone.
        try workshop.larder([family.rawValue, "-O1", "-c", "b.c"])
        let first = try workshop.counting { try workshop.larder([family.rawValue] + Self.command) }
        #expect(first.hits == 1 && first.misses == 2 && first.bypasses == 0)
        let again = try workshop.counting { try workshop.larder([family.rawValue, "-O1", "-c", "c.c", "a.c"]) }
        #expect(again.hits == 2 && again.misses == 0 && again.bypasses == 0)
        let alone = try workshop.counting { try workshop.larder([family.rawValue, "-O1", "-c", "c.c"]) }
        #expect(alone.hits == 1 && alone.misses == 0)
    }

    @Test(arguments: EqualityTests.Family.allCases)
    func `of three, the one that changed is compiled`(family: EqualityTests.Family) throws {
        let workshop = try Self.workshop()
        try workshop.larder([family.rawValue] + Self.command)
        try workshop.write("#define VALUE 2\n", to: "b.h")
        let changed = try workshop.counting { try workshop.larder([family.rawValue] + Self.command) }
        #expect(changed.hits == 2 && changed.misses == 1)
        let object = workshop.read("b.o")
        try workshop.run([family.rawValue] + Self.command)
        #expect(object == workshop.read("b.o"))
        // And back.
        try workshop.write("#define VALUE 1\n", to: "b.h")
        let back = try workshop.counting { try workshop.larder([family.rawValue] + Self.command) }
        #expect(back.hits == 3 && back.misses == 0)
    }

    @Test(arguments: EqualityTests.Family.allCases)
    func `a header that appears for one of them is a miss for that one`(family: EqualityTests.Family) throws {
        let workshop = try Self.workshop()
        try workshop.write("", to: "early/other.h")
        let command = [family.rawValue, "-Iearly", "-I.", "-c", "d.c", "a.c"]
        try workshop.write("#include <d.h>\nint d = VALUE;\n", to: "d.c")
        try workshop.write("#define VALUE 1\n", to: "d.h")
        try workshop.larder(command)
        try workshop.write("#define VALUE 7\n", to: "early/d.h")
        let changed = try workshop.counting { try workshop.larder(command) }
        #expect(changed.hits == 1 && changed.misses == 1)
    }

    @Test func `a source that includes what was made for another one sees what this command made`() throws {
        let workshop = try Self.workshop()
        try workshop.write("const char text[] =\n#include \"text.inc\"\n;\n", to: "e.c")
        try workshop.run(["ln", "-s", "a.d", "text.inc"])
        // The dependency file of the first source is no C, so the second one fails until it is not made any more.
        try workshop.write("\"old\"", to: "a.d")
        let command = ["gcc", "-MD", "-c", "a.c", "e.c"]
        for _ in 0..<2 {
            let outcome = try workshop.larder(command)
            #expect(outcome.status == 1)
            #expect(outcome.errorText.contains("text.inc"))
        }
    }

    @Test func `a read-only cache gives what it has`() throws {
        let workshop = try Self.workshop()
        try workshop.larder(["gcc", "-O1", "-c", "a.c"])
        let outcome = try workshop.larder(["gcc"] + Self.command, environment: ["LARDER_READONLY": "1"])
        #expect(outcome.status == 0)
        for name in ["a", "b", "c"] { #expect(workshop.read("\(name).o") != nil) }
    }

    @Test func `a signal ends the command, and what was said before is heard`() async throws {
        let workshop = try Self.workshop()
        try workshop.write("#warning first\n", to: "first.c")
        // The compiler waits for ever at the second source.
        try workshop.write("#include \"never.h\"\n", to: "slow.c")
        let script = """
            mkfifo never.h; \(Workshop.larder.path) gcc -c first.c slow.c a.c & job=$!
            exec 3>never.h; kill -TERM $job; wait $job; echo "ended $?"
            """
        let outcome = try workshop.run(["bash", "-c", script])
        #expect(outcome.outputText.contains("ended 143"))
        #expect(outcome.errorText.contains("first"))
        #expect(workshop.read("first.o") != nil)
        #expect(workshop.read("a.o") == nil)
        #expect(try workshop.run(["sh", "-c", "ls -A | grep tmp"]).outputText.isEmpty)
    }
}
