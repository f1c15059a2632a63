import Foundation
import TestSupport
import Testing

/// gfortran, and assemblers that are called by themselves: they are taken by what they were seen to do.
private let changes: [Change] = [
    Change(
        name: "a module that a Fortran source uses",
        files: ["m.f90": "module m\ninteger :: one = 1\nend module\n", "a.f90": "subroutine f\nuse m\none = 2\nend\n"],
        prepare: "gfortran -c m.f90",
        arguments: ["-c", "a.f90", "-o", "a.o"],
        change: "sed -i 's/integer ::/real ::/' m.f90; gfortran -c m.f90",
        compilers: ["gfortran", "gcc"]
    ),
    Change(
        name: "a module in a directory that comes first",
        files: ["m.f90": "module m\ninteger :: one = 1\nend module\n", "a.f90": "subroutine f\nuse m\none = 2\nend\n"],
        prepare: "mkdir one two; gfortran -J two -c m.f90",
        arguments: ["-Ione", "-Itwo", "-c", "a.f90", "-o", "a.o"],
        change: "sed -i 's/integer ::/real ::/' m.f90; gfortran -J one -c m.f90",
        compilers: ["gfortran"]
    ),
    Change(
        name: "a directory where a module is written first",
        files: ["a.f90": "module m\ninteger :: one = 1\nend module\n"],
        arguments: ["-c", "a.f90", "-o", "a.o"],
        change: "mkdir m.mod0",
        compilers: ["gfortran"]
    ),
    Change(
        name: "what a Fortran source includes",
        files: ["a.F90": "subroutine f\ninclude 'x.inc'\nend\n", "x.inc": "print *, 1\n"],
        arguments: ["-c", "a.F90", "-o", "a.o"],
        change: "echo 'print *, 2' > x.inc",
        compilers: ["gfortran"]
    ),
    Change(
        name: "a macro of a Fortran source",
        files: ["a.F90": "subroutine f\nprint *, X\nend\n"],
        arguments: ["-DX=1", "-c", "a.F90", "-o", "a.o"],
        changedArguments: ["-DX=2", "-c", "a.F90", "-o", "a.o"],
        compilers: ["gfortran"]
    ),
    Change(
        name: "the date in a Fortran source",
        files: ["a.F90": "subroutine f\ncharacter(len=len(__DATE__)) :: d\nprint *, d\nend\n"],
        arguments: ["-c", "a.F90", "-o", "a.o"],
        change: "true",
        compilers: ["gfortran"],
        isCacheable: false
    ),
    Change(
        name: "what an assembler's source includes",
        files: ["a.asm": "%include \"x.inc\"\nUPDATE: TIMES 2 db X\n", "x.inc": "%define X 1\n"],
        arguments: ["-f", "elf64", "a.asm", "-o", "a.o"],
        change: "echo '%define X 2' > x.inc",
        compilers: ["nasm", "yasm"]
    ),
    Change(
        name: "an included file that comes first",
        files: ["a.asm": "%include \"x.inc\"\ndb X\n", "two/x.inc": "%define X 1\n", "one/y": ""],
        arguments: ["-Ione/", "-Itwo/", "-felf64", "a.asm", "-o", "a.o"],
        change: "echo '%define X 2' > one/x.inc",
        compilers: ["nasm", "yasm"]
    ),
    Change(
        name: "bytes that an assembler's source takes in",
        files: ["a.asm": "incbin \"x.bin\"\n", "x.bin": "one"],
        arguments: ["-f", "elf64", "a.asm", "-o", "a.o"],
        change: "printf two > x.bin",
        compilers: ["nasm", "yasm"]
    ),
    Change(
        name: "a variable that an assembler's source names",
        files: ["a.asm": "db %!X\n"],
        arguments: ["-f", "elf64", "a.asm", "-o", "a.o"],
        environment: ["X": "1"],
        changedEnvironment: ["X": "2"],
        compilers: ["nasm"]
    ),
    Change(
        name: "words of nasm's own variable",
        files: ["a.asm": "db X\n"],
        arguments: ["-f", "elf64", "a.asm", "-o", "a.o"],
        environment: ["NASMENV": "-DX=1"],
        change: "true",
        compilers: ["nasm"],
        isCacheable: false
    ),
    Change(
        name: "the time in an assembler's source",
        files: ["a.asm": "%include \"x.inc\"\n", "x.inc": "%define T __TIME__\n"],
        arguments: ["-f", "elf64", "a.asm", "-o", "a.o"],
        change: "true",
        compilers: ["nasm"],
        isCacheable: false
    ),
    Change(
        name: "the time in an assembler's words",
        files: ["a.asm": "db 1\n"],
        arguments: ["-f", "elf64", "-DX=__?POSIX_TIME?__", "a.asm", "-o", "a.o"],
        change: "true",
        compilers: ["nasm"],
        isCacheable: false
    ),
    Change(
        name: "what the assembler's own source includes",
        files: ["a.s": ".include \"x.s\"\n.incbin \"x.bin\"\n", "x.s": "nop\n", "x.bin": "one"],
        arguments: ["-g", "a.s", "-o", "a.o"],
        change: "printf two > x.bin",
        compilers: ["as", "x86_64-linux-gnu-as"]
    ),
]

@Suite struct OtherCompilerTests {
    @Test(arguments: changes)
    func `what changes is seen`(change: Change) throws { try change.check() }

    @Test func `a depfile that is named behind nasm's source is no source`() throws {
        let workshop = try Workshop()
        try workshop.write("db 1\n", to: "a.asm")
        let words = ["nasm", "-f", "elf64", "a.asm", "-o", "a.o", "-MD", "a.d"]
        for hits in 0...1 {
            let counted = try workshop.counting(dueHits: hits) {
                try same(words, [:], workshop, outputs: ["a.o", "a.d"])
            }
            #expect(counted.hits == hits)
        }
    }

    /// A build goes by the time of a module: gfortran leaves one that is there and equal as it is.
    @Test func `a module of Fortran's that would be the same again stays as it is`() throws {
        let workshop = try Workshop()
        try workshop.write("module m\ninteger :: one = 1\nend module\n", to: "m.f90")
        let words = ["gfortran", "-c", "m.f90", "-o", "m.o"]
        try workshop.run(words)
        let bare = (workshop.read("m.mod"), workshop.read("m.o"))
        for name in ["m.mod", "m.o"] { workshop.remove(name) }
        func compile(dueHits: Int) throws {
            let counted = try workshop.counting(dueHits: dueHits) {
                let outcome = try workshop.larder(words)
                #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
            }
            #expect(counted.hits == dueHits, "\(counted)")
            #expect((workshop.read("m.mod"), workshop.read("m.o")) == bare)
        }
        func time() throws -> Date? {
            try FileManager.default.attributesOfItem(atPath: workshop.url("m.mod").path)[.modificationDate] as? Date
        }
        try compile(dueHits: 0)
        let old = Date(timeIntervalSince1970: 1_000_000_000)
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: workshop.url("m.mod").path)
        try compile(dueHits: 1)
        #expect(try time() == old)
        // One that is another is replaced, and one that is gone is made.
        try workshop.write("another", to: "m.mod")
        try compile(dueHits: 1)
        #expect(try time() != old)
        workshop.remove("m.mod")
        try compile(dueHits: 1)
        // A module that has changed replaces the old one, and that is kept, too.
        try workshop.write("module m\nreal :: one = 1\nend module\n", to: "m.f90")
        for hits in [0, 1] {
            try workshop.write("another", to: "m.mod")
            let counted = try workshop.counting(dueHits: hits) { try workshop.larder(words) }
            #expect(counted.hits == hits, "\(counted)")
            #expect(workshop.read("m.mod") != bare.0 && workshop.read("m.mod") != Data("another".utf8))
        }
    }

    /// It may be the one that the whole machine has: `/dev/stdout`.
    @Test(arguments: [
        "as a.s -o so", "yasm -f elf64 -o so a.s", "nasm -f elf64 a.s -oso", "gfortran -S a.f90 -o so",
        "clang -S a.c -o so",
        "gcc -S a.c -o so", "gcc -S a.c -o deep", "as -al=so a.s -o a.o",
    ])
    func `a link to standard output is left as the compiler leaves it`(line: String) throws {
        let workshop = try Workshop()
        try workshop.write("nop\n", to: "a.s")
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write("end\n", to: "a.f90")
        for redirection in ["> f", ">> f", "| cat > f"] {
            func run(_ launcher: String) throws -> (Workshop.Outcome, [Data?]) {
                let prepare = "rm -f so deep a.o; ln -s /proc/self/fd/1 so; ln -s so deep; printf old > f"
                let look = "readlink so; readlink deep; test -f so -a ! -L so && cat so"
                let outcome = try workshop.run(["sh", "-c", "\(prepare); \(launcher) \(line) \(redirection); \(look)"])
                return (outcome, [workshop.read("f"), workshop.read("a.o")])
            }
            let bare = try run("")
            for _ in 0..<2 { #expect(try run(Workshop.larder.path) == bare, "\(redirection)") }
        }
    }

    /// Two objects of one second are equal, so that comparing them would show nothing.
    @Test(arguments: ["win64", "win32", "coff"])
    func `a format that has a field for the time is not kept`(format: String) throws {
        let workshop = try Workshop()
        try workshop.write("db 1\n", to: "a.asm")
        for _ in 0..<2 {
            let counted = try workshop.counting {
                let outcome = try workshop.larder(["nasm", "-f", format, "a.asm", "-o", "a.o"])
                #expect(outcome.status == 0)
            }
            #expect(counted.hits == 0 && counted.misses == 1, "\(counted)")
        }
        // Which is empty on demand.
        for hits in 0..<2 {
            let counted = try workshop.counting(dueHits: hits) {
                let words = ["nasm", "--reproducible", "-f", format, "a.asm", "-o", "a.o"]
                try same(words, [:], workshop)
            }
            #expect(counted.hits == hits, "\(counted)")
        }
    }

    /// The words of the script are not those of nasm.
    @Test(arguments: ["nasm -f win64 a.asm -o a.o", "nasm -f elf64 $WORDS a.asm -o a.o"])
    func `nasm that a script calls is not kept`(line: String) throws {
        let workshop = try Workshop()
        try workshop.write("db 1\n", to: "a.asm")
        try workshop.write("#!/bin/sh\n\(line)\n", to: "build.sh")
        for _ in 0..<2 {
            let counted = try workshop.counting {
                let outcome = try workshop.larder(["run", "--trace", "--", "sh", "build.sh"])
                #expect(outcome.status == 0)
            }
            #expect(counted.hits == 0, "\(counted)")
        }
    }

    /// The old module is read before the new one takes its place.
    @Test func `a source that uses the module that it defines further down depends on the old one`() throws {
        let workshop = try Workshop()
        try workshop.write("subroutine f\nuse m\none = 2\nend\nmodule m\nreal :: one = 1\nend module\n", to: "a.f90")
        for type in ["integer", "real", "complex", "integer"] {
            func prepare() throws {
                try workshop.write("module m\n\(type) :: one = 1\nend module\n", to: "m.f90")
                try workshop.run(["gfortran", "-c", "m.f90"])
            }
            try prepare()
            let words = ["gfortran", "-c", "a.f90", "-o", "a.o"]
            let bare = (try workshop.run(words), workshop.read("a.o"), workshop.read("m.mod"))
            for _ in 0..<2 {
                try prepare()
                let outcome = try workshop.larder(words)
                #expect((outcome, workshop.read("a.o"), workshop.read("m.mod")) == bare, "\(type)")
            }
        }
    }

    @Test(arguments: [
        ["-o", "a.o"], ["-g", "-o", "a.o", "--"], ["-o", "a.o", "-"], ["--defsym", "x=1", "-o", "a.o"],
    ])
    func `an assembler that reads standard input is run`(words: [String]) throws {
        let workshop = try Workshop()
        for source in ["nop", "nop; nop", "nop"] {
            func assemble(_ launcher: [String]) throws -> Data? {
                workshop.remove("a.o")
                let line = "echo '\(source)' | \"$@\""
                #expect(try workshop.run(["sh", "-c", line, "sh"] + launcher + ["as"] + words).status == 0)
                return workshop.read("a.o")
            }
            #expect(try assemble([Workshop.larder.path]) == assemble([]))
        }
    }
}
