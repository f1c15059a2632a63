import Foundation
import TestSupport
import Testing

/// What a command may read although no call of it leaves a trace, and what it says of itself in another way than was expected.
@Suite struct GivenFileTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private func shell(_ script: String) throws -> String {
        let outcome = try workshop.run(["bash", "-c", script], environment: ["L": Workshop.larder.path])
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return outcome.outputText
    }

    @Test(arguments: [
        "wc -c <in", "sh -c 'wc -c' <in", "stat -L -c %s - <in",
        "perl -e 'seek(STDIN,0,0);print scalar <STDIN>;sysseek(STDIN,0,0)' <in",
        "perl -e 'open(my $f,\"<&=3\");seek($f,0,0);print scalar <$f>;sysseek($f,0,0)' 3<in",
    ]) func `a file that a traced command is given counts, though it stays where it is`(_ command: String) throws {
        _ = try #require(PreloadLibrary.path)
        try workshop.write("one\n", to: "in")
        let counted = try workshop.counting {
            for text in ["one\n", "one\n", "other\n"] {
                try workshop.write(text, to: "in")
                #expect(try shell("$L run --trace -- \(command)") == shell(command))
            }
        }
        // Some are not kept at all.
        #expect(counted.hits <= 1)
    }

    @Test(arguments: [
        "gzip -nk -c <in >out; gzip -k in; stat -c %a in.gz; md5sum <in.gz",
        "perl -e 'open(my $f,\"<in\");printf \"%o\\n\",(stat $f)[2]'",
        "python3 -c 'import os;f=open(\"in\");print(os.fstat(f.fileno()).st_mode)'",
    ]) func `what a file is, whoever asks for it by its descriptor`(_ command: String) throws {
        _ = try #require(PreloadLibrary.path)
        try workshop.write("one\n", to: "in")
        try workshop.write(command, to: "ask.sh")
        for change in ["true", "true", "chmod 600 in", "touch -d 2022-02-02 in"] {
            let said = try shell("\(change); rm -f in.gz; $L run --trace -- sh ask.sh")
            let bare = try shell("rm -f in.gz; sh ask.sh")
            #expect(said == bare, "\(change)")
        }
    }

    @Test func `a loop over a file goes on, and what its commands do is kept`() throws {
        _ = try #require(PreloadLibrary.path)
        try workshop.write("a\nb\n", to: "list")
        for name in ["a", "b"] { try workshop.write("text \(name)\n", to: name) }
        let script = "while read name; do $L run --trace -- cat $name; done <list"
        let counted = try workshop.counting {
            for _ in 1...2 {
                let said = try shell(script)
                #expect(said == "text a\ntext b\n")
            }
        }
        #expect(counted.hits == 2)
    }

    @Test(arguments: ["src/**/**/*.txt", "src/**/./**/*.txt", "src/**/self/**/*.txt", "src/**/**"])
    func `directories at any depth are found however often a pattern asks for them`(_ pattern: String) throws {
        try workshop.write("", to: "src/a/b/first.txt")
        try FileManager.default.createSymbolicLink(atPath: workshop.url("src/self").path, withDestinationPath: ".")
        for text in ["one\n", "two\n"] {
            try workshop.write(text, to: "src/a/b/f.txt")
            let said = try workshop.larder(["run", "-i", pattern, "--", "cat", "src/a/b/f.txt"]).outputText
            #expect(said == text)
        }
    }

    @Test func `a depfile with a rule that is not understood says nothing`() throws {
        try workshop.write("cat da db >out.txt; printf 'out.txt: da\\nout.txt:db\\n' >d.d\n", to: "gen.sh")
        try workshop.write("A\n", to: "da")
        for text in ["B\n", "C\n"] {
            try workshop.write(text, to: "db")
            try workshop.larder(["run", "--depfile", "d.d", "-o", "out.txt", "--", "sh", "gen.sh"])
            #expect(workshop.read("out.txt") == Data("A\n\(text)".utf8))
        }
    }

    @Test func `a traced command writes nothing into a directory that is no cache`() throws {
        _ = try #require(PreloadLibrary.path)
        try workshop.write("precious\n", to: "other/notes.txt")
        try workshop.larder(
            ["run", "--trace", "--", "cat", "other/notes.txt"],
            environment: ["LARDER_DIR": workshop.url("other").path]
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.url("other").path) == ["notes.txt"])
    }
}
