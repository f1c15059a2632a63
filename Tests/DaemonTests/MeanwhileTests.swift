import Files
import Foundation
import TestSupport
import Testing
import Wire

/// The world changes between a compile and the moment at which the daemon looks at it.
@Suite struct MeanwhileTests {
    /// Compiles `a.c` with a daemon that is held, changes something, and lets it keep what it may; then expects of every
    /// further compile what the bare compiler makes.
    private func expectRight(
        _ files: [String: String],
        _ words: [String] = ["gcc", "-c", "a.c", "-o", "a.o"],
        isKept: Bool = false,
        change: (Workshop) throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let workshop = try Workshop()
        for (name, text) in files { try workshop.write(text, to: name) }
        // What is older than the compile proves itself by its times.
        try workshop.run(["sh", "-c", "sleep 0.02"])
        let daemon = try HeldDaemon(for: workshop)
        defer { daemon.end() }
        try #require(try workshop.compile(words).status == 0, sourceLocation: sourceLocation)
        #expect(daemon.status?.pending == 1, "it was handed over", sourceLocation: sourceLocation)
        try change(workshop)
        #expect(daemon.settle(), sourceLocation: sourceLocation)
        #expect(daemon.status?.published == (isKept ? 1 : 0), sourceLocation: sourceLocation)
        for _ in 1...2 {
            try workshop.run(words)
            let bare = workshop.read("a.o")
            workshop.remove("a.o")
            #expect(try workshop.larder(words).status == 0, sourceLocation: sourceLocation)
            #expect(workshop.read("a.o") == bare, "as the compiler makes it", sourceLocation: sourceLocation)
        }
    }

    @Test func `a header that is edited, with its size and time restored, is not taken for what was compiled`() throws {
        try expectRight(["a.c": "#include \"h.h\"\nint a = N;\n", "h.h": "#define N 1\n"]) { workshop in
            try workshop.run(["touch", "-r", "h.h", "stamp"])
            try workshop.run(["sh", "-c", "echo '#define N 2' > h.h; touch -r stamp h.h"])
        }
    }

    @Test func `a source that is edited is not taken for what was compiled`() throws {
        try expectRight(["a.c": "int a = 1;\n"]) { try $0.write("int a = 2;\n", to: "a.c") }
    }

    @Test func `a header that answered a question and was removed was there`() throws {
        let source = "#if __has_include(\"o.h\")\nint a = 1;\n#else\nint a = 2;\n#endif\n"
        try expectRight(["a.c": source, "o.h": ""]) { $0.remove("o.h") }
        try expectRight(["a.c": source.replacing("\"o.h\"", with: "<d/o.h>"), "i/d/o.h": ""], Self.searching) {
            $0.remove("i/d")
        }
    }

    private static let searching = ["gcc", "-Ii", "-c", "a.c", "-o", "a.o"]

    @Test func `a question that was answered in the negative is kept, though objects come and go beside it`() throws {
        let source = "#if __has_include(\"o.h\") || __has_include(<d/o.h>)\nint a = 1;\n#else\nint a = 2;\n#endif\n"
        try expectRight(["a.c": source, "i/x.h": ""], Self.searching + ["-I."], isKept: true) {
            try $0.write("", to: "b.o")
        }
    }

    @Test func `a header that appears in front of the one that was read`() throws {
        try expectRight(
            ["a.c": "#include <h.h>\nint a = N;\n", "j/h.h": "#define N 1\n", "i/x.h": ""],
            Self.searching + ["-Ij"]
        ) { try $0.write("#define N 2\n", to: "i/h.h") }
    }

    @Test func `an object that is modified in place, in the same tick or later, is not kept`() throws {
        try expectRight(["a.c": "int a = 1;\n"]) { workshop in
            try workshop.run(["touch", "-r", "a.o", "stamp"])
            try workshop.run([
                "sh", "-c", "printf X | dd of=a.o bs=1 seek=70 conv=notrunc status=none; touch -r stamp a.o",
            ])
        }
    }

    @Test func `an object that is removed is kept`() throws {
        try expectRight(["a.c": "int a = 1;\n"], isKept: true) { $0.remove("a.o") }
    }

    @Test func `a working directory that is removed costs its result only`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "d/a.c")
        let daemon = try HeldDaemon(for: workshop)
        defer { daemon.end() }
        try workshop.compile(["gcc", "-c", "a.c", "-o", "a.o"], in: "d")
        workshop.remove("d")
        #expect(daemon.settle())
        #expect(daemon.status?.dropped == 1)
    }

    @Test func `a cache that is cleared, or removed and made anew, gets nothing of before`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let daemon = try HeldDaemon(for: workshop)
        defer { daemon.end() }
        try workshop.compile(["gcc", "-c", "a.c", "-o", "a.o"])
        #expect(daemon.status?.pending == 1)
        try FileManager.default.removeItem(at: workshop.cache)
        try FileManager.default.createDirectory(at: workshop.cache, withIntermediateDirectories: false)
        daemon.end()
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.cache.path).isEmpty)
    }

    @Test func `what means another file to every process is not handed over`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let daemon = try HeldDaemon(for: workshop)
        defer { daemon.end() }
        for word in ["-I/proc/self/cwd", "-I/dev/fd", "-I/dev/shm/../fd", "-I/dev/shm/x:/dev/fd"] {
            #expect(try workshop.compile(["gcc", word, "-c", "a.c", "-o", "a.o"]).status == 0)
            #expect(daemon.status?.pending == 0, "\(word)")
        }
        // Memory that is shared is a file system like any other.
        #expect(try workshop.compile(["gcc", "-I/dev/shm/include", "-c", "a.c", "-o", "a.o"]).status == 0)
        #expect(daemon.status?.pending == 1)
    }

    @Test func `a compiler that is replaced while its launcher waits for another one is not taken for the one before`()
        throws
    {
        let workshop = try Workshop()
        func compiler(_ number: Int) -> String {
            """
            #!/bin/sh
            case " $* " in *" -### "*|*" -v "*) exec gcc "$@";; esac
            echo > "began$WHO"
            n=0; while [ ! -e go ] && [ "$WHO" = 1 ] && [ $n -lt 60000 ]; do sleep 0.01; n=$((n + 1)); done
            [ "$WHO" = 1 ] && exit 1
            exec gcc -DN=\(number) "$@"

            """
        }
        try workshop.write("int a = N;\n", to: "a.c")
        try workshop.write(driver: compiler(1), to: "my-gcc")
        try workshop.write(driver: compiler(2), to: "other")
        let daemon = try HeldDaemon(for: workshop)
        defer { daemon.end() }
        let script = """
            "$L" ./my-gcc -c a.c -o 1.o & first=$!
            wait_for began1
            WHO=2 "$L" ./my-gcc -c a.c -o 2.o & second=$!
            n=0; until "$L" daemon status | grep -q "1 processes wait" || [ $n -gt 300 ]; do sleep 0.01; n=$((n + 1)); done
            cp -p my-gcc saved; mv other my-gcc
            echo > go
            wait $first; wait $second
            """
        let shell = """
            wait_for() { n=0; while [ ! -e "$1" ] && [ $n -lt 60000 ]; do sleep 0.01; n=$((n + 1)); done; }

            """
        let outcome = try workshop.run(
            ["bash", "-c", shell + script],
            environment: Workshop.withDaemon.merging(["L": Workshop.larder.path, "WHO": "1"]) { $1 }
        )
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(daemon.settle())
        // The first compiler comes back, and makes what it has always made.
        try workshop.run(["mv", "saved", "my-gcc"])
        try workshop.run(["./my-gcc", "-c", "a.c", "-o", "bare.o"], environment: ["WHO": "2"])
        try workshop.larder(["./my-gcc", "-c", "a.c", "-o", "a.o"], environment: ["WHO": "2"])
        #expect(workshop.read("a.o") == workshop.read("bare.o"))
    }
}
