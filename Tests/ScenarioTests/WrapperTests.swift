import Foundation
import TestSupport
import Testing

/// Scripts in front of a compiler.
@Suite struct WrapperTests {
    /// A script, and what it is called with besides `-c a.c`.
    struct Wrapper: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String

        init(_ name: String, _ text: String) { (testDescription, self.text) = (name, text) }
    }

    private static let wrappers: [Wrapper] = [
        .init("which becomes the compiler", "#!/bin/sh\nexec gcc \"$@\"\n"),
        .init("which waits for it", "#!/bin/sh\ngcc \"$@\"\n"),
        .init("which adds a macro", "#!/bin/bash\nexec clang -DX=1 \"$@\"\n"),
        .init(
            "which adds its own directory",
            "#!/bin/bash\nhere=$(cd \"$(dirname \"$0\")\" && pwd)\nexec gcc -I\"$here\" \"$@\"\n"
        ),
        .init("which asks for a warning", "#!/bin/sh\nexec gcc -Wall \"$@\"\n"),
        .init("which says what it does", "#!/bin/sh\necho \"CC $@\" >&2\nexec gcc \"$@\"\n"),
        .init("which says it on standard output", "#!/bin/sh\necho \"CC $@\"\nexec gcc \"$@\"\n"),
        .init("which is traced by its shell", "#!/bin/sh -x\nexec gcc \"$@\"\n"),
        .init(
            "which passes on its own words",
            "#!/bin/bash\nall=\"$*\"\nexec gcc -DX=\"sizeof \\\"$all\\\"\" \"$@\"\n"
        ),
        .init("which goes by its first word", "#!/bin/bash\n[ \"$1\" = -c ] && set -- -DX=7 \"$@\"; exec gcc \"$@\"\n"),
        .init("which counts its words", "#!/bin/bash\nexec gcc -DX=$# \"$@\"\n"),
        .init("which does not know a question", "#!/bin/bash\n[ \"$1\" != '-###' ] || exit 3\nexec gcc \"$@\"\n"),
        .init("which adds coverage", "#!/bin/sh\nexec gcc --coverage \"$@\"\n"),
        .init("which adds a profile that is not there", "#!/bin/sh\nexec gcc -O2 -fprofile-use \"$@\"\n"),
        .init("which asks for dependencies", "#!/bin/sh\nexec gcc -MMD \"$@\"\n"),
        .init("which asks clang for dependencies", "#!/bin/sh\nexec clang -MMD \"$@\"\n"),
        .init("which names the dependency file", "#!/bin/sh\nexec gcc -MD -MF x.d \"$@\"\n"),
        .init("which divides debug information", "#!/bin/sh\nexec clang -g -gsplit-dwarf \"$@\"\n"),
        .init("which asks for the use of the stack", "#!/bin/sh\nexec gcc -fstack-usage \"$@\"\n"),
        .init("which only compiles", "#!/bin/sh\nexec gcc -S \"$@\"\n"),
        .init("which only preprocesses", "#!/bin/sh\nexec gcc -E \"$@\"\n"),
        .init("which asks for a listing", "#!/bin/sh\nexec gcc -Wa,-aln=x.lst \"$@\"\n"),
        .init("which compiles elsewhere", "#!/bin/bash\ncd sub && exec gcc \"$@\"\n"),
        .init(
            "which compiles elsewhere unless it is asked",
            "#!/bin/bash\ncase \" $* \" in *' -### '*|*' -E '*) ;; *) cd sub ;; esac\ngcc \"$@\"\n"
        ),
        .init(
            "which adds to the object",
            "#!/bin/sh\no=a.o p=; for x; do [ \"$p\" = -o ] && o=$x; p=$x; done\ngcc \"$@\" && objcopy --add-section .v=version $o\n"
        ),
    ]

    /// Everything in the workshop, but for the times that coverage and the names that listings hold.
    private func call(_ launcher: String, _ workshop: Workshop) throws -> [String] {
        let script = """
            rm -f a.o* a.d x.d a.s a.gcno a.dwo a.su x.lst sub/a.o*; \(launcher) ./wrapper -c a.c >said 2>&1; echo "status $?"
            cat said; for f in *; do case $f in *.gcno|*.lst) [ -s $f ] && echo $f;; *) echo "$f $(stat -c %a $f)";; esac; done
            ls sub; [ ! -e sub/a.o ] || cksum < sub/a.o
            [ -e a.gcno ] || [ ! -e a.o ] || cksum < a.o; for f in a.d x.d a.s a.dwo a.su; do [ ! -e $f ] || cksum < $f; done
            """
        return try workshop.run(["bash", "-c", script]).outputText.split(separator: "\n").map(String.init)
    }

    private func workshop(_ wrapper: Wrapper) throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write(wrapper.text, to: "wrapper")
        try workshop.write("#include \"h.h\"\nint f(int x) { return x ? X : 2; }\n", to: "a.c")
        try workshop.write("#define X 1\n", to: "h.h")
        try workshop.write("#include \"h.h\"\nint f(int x) { return x ? X : 3; }\n", to: "sub/a.c")
        try workshop.write("#define X 2\n", to: "sub/h.h")
        try workshop.write("one", to: "version")
        try workshop.run(["chmod", "755", "wrapper"])
        return workshop
    }

    @Test(arguments: wrappers) func `a result comes back through a wrapper`(_ wrapper: Wrapper) throws {
        let workshop = try workshop(wrapper)
        let bare = try call("", workshop)
        #expect(try call(Workshop.larder.path, workshop) == bare)
        let second = try workshop.counting(dueHits: 1) {
            let warm = try call(Workshop.larder.path, workshop)
            #expect(warm == bare)
        }
        #expect(second.hits == 1)
    }

    /// What it adds to is not the same the next time, unless the compiler makes it anew.
    @Test(arguments: ["gcc \"$@\"; echo \"$@\" >> log", "gcc \"$@\" && cat version >> a.o"])
    func `a wrapper that adds to a file leaves what it leaves by itself`(_ text: String) throws {
        let workshop = try workshop(Wrapper("", "#!/bin/bash\n" + text + "\n"))
        let script =
            "\(Workshop.larder.path) ./wrapper -c a.c && cksum < a.o; cp a.o bare.o; ./wrapper -c a.c; cmp a.o bare.o"
        let counted = try workshop.counting {
            for _ in 1...3 {
                let said = try workshop.run(["bash", "-c", script]).errorText
                #expect(said == "")
            }
        }
        #expect(counted.hits == 0 || workshop.read("log") == nil)
        #expect(workshop.read("log").map { $0.split(separator: 10).count } ?? 6 == 6)
    }

    @Test func `a wrapper of several sources runs once`() throws {
        let workshop = try workshop(Wrapper("", "#!/bin/bash\necho called >&2\nexec gcc \"$@\"\n"))
        try workshop.write("int b;\n", to: "b.c")
        for _ in 1...2 {
            let outcome = try workshop.run([Workshop.larder.path, "./wrapper", "-c", "a.c", "b.c"])
            #expect(outcome.errorText == "called\n")
        }
    }

    /// Its compiler finds sources and headers by names that mean others here.
    @Test(arguments: ["#!/bin/bash\ncd sub && exec gcc \"$@\"\n", "#!/bin/bash\ncd sub && gcc \"$@\"; exit $?\n"])
    func `a header of another directory has changed`(_ text: String) throws {
        let workshop = try workshop(Wrapper("", text))
        let compile = { (launcher: String) in
            try workshop.run(["bash", "-c", "\(launcher) ./wrapper -c a.c -o $PWD/a.o && cksum < a.o"]).outputText
        }
        for _ in 1...3 { try #expect(compile(Workshop.larder.path) == compile("")) }
        try workshop.write("#define X 7\n", to: "sub/h.h")
        try #expect(compile(Workshop.larder.path) == compile(""))
    }

    /// What is linked statically takes no notes.
    @Test func `a program that cannot be followed is run as it is`() throws {
        let workshop = try Workshop()
        let text = """
            #include <stdlib.h>
            #include <unistd.h>
            int main(int c, char **v) { char *to = getenv("TO"); if (to) chdir(to); v[0] = "gcc"; execvp("gcc", v); return 1; }
            """
        try workshop.write(text, to: "wrapper.c")
        try workshop.write("int x = 1;\n", to: "a.c")
        try workshop.write("int x = 2;\n", to: "sub/a.c")
        try workshop.run(["gcc", "-w", "-static", "-o", "wrapper", "wrapper.c"])
        let script = """
            for to in . . sub; do TO=$to \(Workshop.larder.path) ./wrapper -c a.c -o $PWD/a.o; TO=$to ./wrapper -c a.c -o $PWD/b.o; cmp a.o b.o; done
            """
        #expect(try workshop.run(["bash", "-c", script]).outputText == "")
    }
}
