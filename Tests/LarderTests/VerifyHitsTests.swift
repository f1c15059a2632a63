import Files
import Foundation
import LarderStore
import TestSupport
import Testing

/// Hits that are made again and compared with what is kept.
@Suite struct VerifyHitsTests {
    struct Subject: Sendable, CustomTestStringConvertible {
        let name: String
        let words: [String]
        let output: String
        /// The programs that it needs.
        var needs: [String] = []
        var environment: [String: String] = [:]
        var testDescription: String { name }
    }

    static let subjects = [
        Subject(name: "gcc", words: ["gcc", "-O2", "-c", "a.c", "-o", "a.o"], output: "a.o"),
        Subject(name: "gcc with a depfile", words: ["gcc", "-g", "-MMD", "-c", "a.c", "-o", "a.o"], output: "a.o"),
        Subject(name: "clang", words: ["clang", "-c", "a.c", "-o", "a.o"], output: "a.o", needs: ["clang"]),
        Subject(name: "a compile that is seen", words: ["gcc", "-S", "a.c", "-o", "a.s"], output: "a.s"),
        Subject(
            name: "rustc",
            words: ["rustc", "--crate-type", "lib", "--emit", "link", "l.rs", "-o", "libl.rlib"],
            output: "libl.rlib",
            needs: ["rustc"]
        ),
        Subject(
            name: "an archive",
            words: ["ar", "rcsD", "l.a", "in"],
            output: "l.a",
            environment: ["LARDER_CACHE_LINK": "1"]
        ),
        Subject(
            name: "run",
            words: ["run", "-i", "in", "-o", "out", "--", "cp", "in", "out"],
            output: "out"
        ),
        Subject(
            name: "run with a trace",
            words: ["run", "--trace", "-o", "out", "--", "cp", "in", "out"],
            output: "out"
        ),
    ]

    private static func has(_ program: String) -> Bool {
        ["/usr/local/bin", "/usr/bin", "/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    private func workshop(for subject: Subject) throws -> Workshop {
        for program in subject.needs where !Self.has(program) { try Test.cancel("needs \(program)") }
        let workshop = try Workshop()
        try workshop.write("#include \"a.h\"\nint answer(void) { return ANSWER; }\n", to: "a.c")
        try workshop.write("#define ANSWER 42\n", to: "a.h")
        try workshop.write("pub fn answer() -> u32 { 42 }\n", to: "l.rs")
        try workshop.write("something\n", to: "in")
        return workshop
    }

    /// Changes what results hold, in such a way that nothing is damaged; returns how many results were changed.
    private func poison(_ workshop: Workshop) throws -> Int {
        let store = EntryStore(at: Path(workshop.cache.path))
        var keys: [EntryKey] = []
        store.forEachEntry {
            keys.append($0.key)
            return true
        }
        var count = 0
        for key in keys {
            guard case .hit(let entry) = store.open(key) else { continue }
            let (kind, names) = (entry.kind, entry.partNames)
            guard let name = names.first(where: { ["object", "0", "files"].contains($0) }),
                var parts = store.value(for: key).parts
            else { continue }
            for index in parts.indices where parts[index].name == name {
                guard let last = parts[index].bytes.indices.last else { continue }
                parts[index].bytes[last] ^= 0xFF
            }
            try store.publish(key, kind: kind, parts: parts.map { NewPart($0.name, .bytes($0.bytes), codec: .stored) })
            count += 1
        }
        return count
    }

    private func differences(_ workshop: Workshop) throws -> [[String: Any]] {
        let outcome = try workshop.larder(["verify", "--differing", "--json"])
        let json = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
        let found = try #require(json["differences"] as? [[String: Any]])
        #expect(outcome.status == (found.isEmpty ? 0 : 1))
        return found
    }

    @Test(arguments: subjects, ["off", "auto"])
    func `a result that is right is a hit, and one that is wrong is found and replaced`(
        subject: Subject,
        daemon: String
    ) throws {
        let workshop = try workshop(for: subject)
        let plain = subject.environment.merging(["LARDER_DAEMON": daemon]) { $1 }
        let checking = plain.merging(["LARDER_VERIFY_HITS": "1/1"]) { $1 }
        defer { _ = try? workshop.larder(["daemon", "stop"]) }
        func run(_ environment: [String: String]) throws {
            let outcome = try workshop.larder(subject.words, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errorText)")
        }
        try run(plain)
        let right = try #require(workshop.read(subject.output))
        workshop.remove(subject.output)
        let same = try workshop.counting { try run(checking) }
        #expect(same.hits == 1 && same.misses == 0 && same.errors == 0, "\(same)")
        #expect(workshop.read(subject.output) == right)
        #expect(try differences(workshop).isEmpty)

        #expect(try poison(workshop) > 0)
        workshop.remove(subject.output)
        try run(plain)
        #expect(workshop.read(subject.output) != right, "the test has not changed what is given")
        workshop.remove(subject.output)
        let different = try workshop.counting { try run(checking) }
        #expect(different.hits == 0 && different.misses == 1 && different.errors == 1, "\(different)")
        #expect(workshop.read(subject.output) == right)
        #expect(try differences(workshop).count == 1)

        workshop.remove(subject.output)
        let mended = try workshop.counting { try run(plain) }
        #expect(mended.hits == 1 && mended.misses == 0, "\(mended)")
        #expect(workshop.read(subject.output) == right)
        let verified = try workshop.larder(["verify"])
        #expect(verified.status == 0, "\(verified.outputText)")
    }

    @Test func `the section and the symbol are named, and what makes such differences`() throws {
        let workshop = try Workshop()
        try workshop.write("const char made_at[] = __TIME__;\n", to: "t.c")
        let environment = ["LARDER_TIME_MACROS": "ignore", "LARDER_VERIFY_HITS": "1/1"]
        try workshop.larder(["gcc", "-c", "t.c"], environment: environment)
        // Until the text of the time is another one.
        for _ in 0..<1000 where try differences(workshop).isEmpty {
            try workshop.larder(["gcc", "-c", "t.c"], environment: environment)
        }
        let found = try #require(try differences(workshop).first)
        #expect(found["section"] as? String == ".rodata" && found["symbol"] as? String == "made_at", "\(found)")
        #expect((found["reason"] as? String)?.contains("SOURCE_DATE_EPOCH") == true)
        let why = try workshop.larder(["why", "t.c"])
        #expect(why.outputText.contains("the two are different"), "\(why.outputText)")
    }

    @Test func `only a share of the hits is made again`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.larder(["gcc", "-c", "a.c"])
        for _ in 0..<64 { try workshop.larder(["gcc", "-c", "a.c"], environment: ["LARDER_VERIFY_HITS": "1/2"]) }
        let json =
            try JSONSerialization.jsonObject(with: workshop.larder(["stats", "--json"]).output) as? [String: Any]
        let causes = try #require(json?["hits_by_cause"] as? [String: Int])
        let verified = try #require(causes["verified"])
        #expect((1..<64).contains(verified), "\(verified) of 64")
        #expect(json?["hits"] as? Int == 64 && json?["misses"] as? Int == 1)
    }

    @Test func `verify against the compiler touches no output and finds what is wrong`() throws {
        let workshop = try Workshop()
        for name in ["a", "b", "c"] {
            try workshop.write("int \(name)(void) { return 1; }\n", to: "my sources/\(name).c")
            let words = ["gcc", "-g", "-MMD", "-c", "\(name).c", "-o", "\(name).o"]
            try workshop.larder(
                words,
                in: "my sources",
                environment: ["LARDER_SESSION": name == "c" ? "late" : "early"]
            )
        }
        let before = DirectorySnapshot(of: workshop.url("my sources").path)
        func verify(_ words: [String]) throws -> (status: Int32, json: [String: Any]) {
            let outcome = try workshop.larder(["verify", "--against-compiler", "--json"] + words)
            let json = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
            return (outcome.status, try #require(json, "\(outcome.errorText)"))
        }
        let right = try verify([])
        #expect(right.status == 0 && right.json["same"] as? Int == 3, "\(right)")
        let late = try verify(["--session", "late"])
        #expect(late.status == 0 && late.json["same"] as? Int == 1, "\(late)")
        #expect(try poison(workshop) == 3)
        let wrong = try verify([])
        #expect(wrong.status == 1 && wrong.json["different"] as? Int == 3, "\(wrong)")
        #expect((wrong.json["differences"] as? [Any])?.count == 3)
        #expect(DirectorySnapshot(of: workshop.url("my sources").path) == before)
        let build = ["--", "sh", "-c", "cd 'my sources' && \(Workshop.larder.path) gcc -g -MMD -c a.c -o a.o"]
        let mended = try verify(build)
        #expect(mended.status == 0 && mended.json["same"] as? Int == 1, "\(mended)")
    }

    @Test(arguments: ["1/0", "2/3", "1/x", "half", "1/99999999999"])
    func `what is no share is refused in a sentence, and compiles all the same`(value: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let outcome = try workshop.larder(["config", "set", "verify_hits", value])
        #expect(outcome.status == 2 && outcome.errorText.contains("1/100"), "\(outcome.errorText)")
        let compile = try workshop.larder(["gcc", "-c", "a.c"], environment: ["LARDER_VERIFY_HITS": value])
        #expect(compile.status == 0 && compile.error.isEmpty && workshop.read("a.o") != nil)
    }
}
