import Foundation
import TestSupport
import Testing

/// What changes what comes of a wrapper in front of a compiler.
@Suite struct WrapperChangeTests {
    /// A wrapper, and a change after which it runs something else.
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Behind the first line of a script of bash.
        var text: String
        /// What is there before the first compile, and what changes then; lines of bash.
        var before = ":"
        var after: String

        init(_ name: String, _ text: String, before: String = ":", after: String) {
            (testDescription, self.text, self.before, self.after) = (name, text, before, after)
        }
    }

    private static let changes: [Change] = [
        .init(
            "its own text",
            "exec gcc -DX=1 \"$@\"",
            after: "touch -r wrapper then; sed -i s/X=1/X=2/ wrapper; touch -r then wrapper"
        ),
        .init(
            "a file that it reads",
            "exec gcc $(< flags) \"$@\"",
            before: "echo -DX=1 > flags",
            after: "echo -DX=2 > flags"
        ),
        .init("a file that appears", "[ ! -e flags ] || x=-DX=2; exec gcc $x \"$@\"", after: "touch flags"),
        .init(
            "a file that goes",
            "[ ! -e flags ] || x=-DX=2; exec gcc $x \"$@\"",
            before: "touch flags",
            after: "rm flags"
        ),
        .init(
            "a file's permissions",
            "[ ! -x flags ] || x=-DX=2; exec gcc $x \"$@\"",
            before: "touch flags; chmod 644 flags",
            after: "chmod 755 flags"
        ),
        .init(
            "a file's time",
            "[ one -nt two ] && x=-DX=2; exec gcc $x \"$@\"",
            before: "touch -d 2020-01-01 one; touch -d 2021-01-01 two",
            after: "touch -d 2022-01-01 one"
        ),
        .init(
            "where a link leads",
            "exec gcc -DX=\\\"$(readlink flags)\\\" \"$@\"",
            before: "ln -s one flags",
            after: "ln -sfn two flags"
        ),
        .init(
            "the names in a directory",
            "exec gcc -DX=\\\"\"$(echo conf/*)\"\\\" \"$@\"",
            before: "mkdir conf; touch conf/a",
            after: "touch conf/b"
        ),
        .init("a variable", "exec gcc -DX=${MODE:-1} \"$@\"", after: "export MODE=2"),
        .init("the working directory", "exec gcc -DX=\\\"\"$PWD\"\\\" \"$@\"", after: "cp -r . ../other; cd ../other"),
        .init(
            "which compiler PATH leads to",
            "exec gcc \"$@\"",
            before: "mkdir bin; export PATH=$PWD/bin:$PATH",
            after: "printf '#!/bin/sh\\nexec /usr/bin/gcc -DX=2 \"$@\"\\n' > bin/gcc; chmod 755 bin/gcc"
        ),
        .init(
            "a program that it starts",
            "exec gcc $(./say) \"$@\"",
            before: "printf '#!/bin/sh\\necho -DX=1\\n' > say; chmod 755 say",
            after: "printf '#!/bin/sh\\necho -DX=2\\n' > say; chmod 755 say"
        ),
        .init("the mask of permissions", "[ $(umask) = 0022 ] || x=-DX=2; exec gcc $x \"$@\"", after: "umask 077"),
        .init("a variable of the session", "exec gcc -DX=${SHLVL:-0} \"$@\"", after: "export SHLVL=7"),
        .init("a limit", "exec gcc -DX=$(ulimit -n) \"$@\"", after: "ulimit -n 500"),
        .init(
            "the user's groups",
            "exec gcc -DX=\"$(id -G | wc -w)\" \"$@\"",
            after: "[ $(id -u) != 0 ] || as='setpriv --groups 1,2,3'"
        ),
        .init("the name of its output", "case $* in *other*) x=-DX=2;; esac; exec gcc $x \"$@\"", after: "to=other"),
        .init("the order of its words", "[ \"$1\" = -c ] || x=-DX=2; exec gcc $x \"$@\"", after: "first=-DY"),
        .init(
            "a file that it reads unless it is asked",
            "case \" $* \" in *' -### '*|*' -E '*) ;; *) x=-DX=$(cat flags);; esac; exec gcc $x \"$@\"",
            before: "echo 1 > flags",
            after: "echo 2 > flags"
        ),
        .init(
            "a variable unless it is asked",
            "case $* in *-###*|*-E*) ;; *) x=-DX=$M;; esac; exec gcc $x \"$@\"",
            after: "export M=2"
        ),
        .init(
            "what it says",
            "cat flags >&2; exec gcc \"$@\"",
            before: "echo 1 > flags",
            after: "echo 2 > flags"
        ),
        .init(
            "the language of the messages",
            "export GCC_COLORS=$(cat flags); exec gcc -Wall -fdiagnostics-color=always \"$@\"",
            before: "echo 'warning=01;31' > flags; echo 'void g(void) { int i; }' >> a.c",
            after: "echo 'warning=01;32' > flags"
        ),
        .init(
            "the working directory by another name",
            "PWD=$(cat flags) exec gcc -g \"$@\"",
            before: "ln -s . twin; echo $PWD > flags",
            after: "echo $PWD/twin > flags"
        ),
        .init(
            "the time of a directory",
            "[ conf -nt one ] && x=-DX=2; exec gcc $x \"$@\"",
            before: "mkdir conf; touch -d 2020-01-01 conf; touch -d 2021-01-01 one",
            after: "touch -d 2022-01-01 conf"
        ),
        .init(
            "where its messages go",
            "[ -t 2 ] && x=-DX=2; exec gcc $x \"$@\"",
            after: "as=tty; tty() { script -qec \"$*\" /dev/null; }"
        ),
        .init("what standard input is", "[ -p /dev/stdin ] && x=-DX=2; exec gcc $x \"$@\"", after: "exec < <(sleep 0)"),
        .init(
            "a header where it compiles",
            "cd sub; exec gcc \"$@\" -include h.h",
            before: "mkdir sub; cp a.c sub; touch h.h sub/h.h; here=$PWD/",
            after: "echo '#define X 2' > sub/h.h"
        ),
        .init(
            "chance in Python",
            "exec python3 -c 'import os, random, sys; os.execvp(\"gcc\", [\"gcc\", \"-DX=%d\" % (0 if os.path.exists(\"flags\") else random.random() * 0)] + sys.argv[1:])' \"$@\"",
            after: "touch flags"
        ),
    ]

    private func workshop(_ text: String) throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write("#!/bin/bash\n" + text + "\n", to: "here/wrapper")
        try workshop.write(
            "#define TEXT(x) #x\n#define SHOW(x) TEXT(x)\nconst char *f(void) { return SHOW(X); }\n",
            to: "here/a.c"
        )
        try workshop.run(["chmod", "755", "here/wrapper"])
        return workshop
    }

    @Test(arguments: changes) func `a wrapper that has changed its mind is heard`(_ change: Change) throws {
        let workshop = try workshop(change.text)
        let script = """
            export LARDER_DAEMON=off; cd here; \(change.before); sleep 0.05
            "$L" ./wrapper -c a.c -o ${here}a.o && "$L" ./wrapper -c a.c -o ${here}a.o || exit 2
            \(change.after); o=${here}${to:-a}.o
            $as "$L" ./wrapper $first -c a.c -o $o 2>said; echo $? >>said; mv $o ours.o
            $as ./wrapper $first -c a.c -o $o 2>bare; echo $? >>bare; cmp ours.o $o && cmp said bare
            """
        let outcome = try workshop.script(script)
        #expect(outcome.status == 0, "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test func `where a silent compile's messages would go does not matter`() throws {
        let workshop = try workshop("exec gcc \"$@\"")
        let script = """
            export LARDER_DAEMON=off; cd here; sleep 0.05; "$L" ./wrapper -c a.c >out 2>err; "$L" ./wrapper -c a.c >out 2>&1
            script -qec "$L ./wrapper -c a.c" /dev/null; [ $(count hits) = 2 ] || echo "$(count hits) hits"
            """
        #expect(try workshop.script(script).outputText == "")
    }

    /// What goes by a compiler's name is no compiler for that.
    @Test func `a program that is called like a compiler asks for the terminal`() throws {
        let workshop = try workshop("")
        let program = """
            #include <unistd.h>
            int main(int count, char **words) {
              char *all[count + 2];
              all[0] = "gcc", all[1] = isatty(2) ? "-DX=2" : "-DX=1";
              for (int i = 1; i <= count; i++) all[i + 1] = words[i];
              return execv("/usr/bin/gcc", all);
            }
            """
        try workshop.write(program, to: "w.c")
        try workshop.run(["gcc", "-o", "here/my-gcc", "w.c"])
        let script = """
            export LARDER_DAEMON=off; cd here; sleep 0.05; for i in 1 2; do "$L" ./my-gcc -c a.c 2>err; done
            script -qec "$L ./my-gcc -c a.c; ./my-gcc -c a.c -o b.o" /dev/null; cmp a.o b.o; echo "$(count hits) hits"
            """
        #expect(try workshop.script(script).outputText == "1 hits\n")
    }

    private static let steady = [
        "exec gcc \"$@\"", "gcc -DX=1 \"$@\"", "exec clang $(cat flags 2>/dev/null) \"$@\"",
        "here=$(cd \"$(dirname \"$0\")\" && pwd)\nfor one in \"$here\"/conf/*; do [ ! -e \"$one\" ] || x=-DX=2; done\nexec gcc $x \"$@\"",
    ]

    /// The processes of a compile that is due, one of ours among them.
    private func processes(_ workshop: Workshop) throws -> Int {
        let script = """
            export LARDER_DAEMON=off; cd here; sleep 0.05; "$L" ./wrapper -c a.c || exit 2
            strace -f -o ../calls -e trace=execve "$L" ./wrapper -c a.c || exit 3; grep -c 'execve(.* = 0' ../calls
            """
        return try workshop.repeating({ $0 == 1 }) {
            let outcome = try workshop.script(script)
            return try #require(Int(outcome.outputText.split(separator: "\n").last ?? ""), "\(outcome.errorText)")
        }
    }

    @Test(arguments: steady) func `a hit behind a wrapper starts no process`(_ text: String) throws {
        let workshop = try workshop(text)
        guard try workshop.run(["strace", "-o", "/dev/null", "true"]).status == 0 else {
            try Test.cancel("strace may not trace here")
        }
        #expect(try processes(workshop) == 1)
    }

    @Test func `a hit behind a program in front of a compiler starts no process`() throws {
        let workshop = try workshop("")
        guard try workshop.run(["strace", "-o", "/dev/null", "true"]).status == 0 else {
            try Test.cancel("strace may not trace here")
        }
        let program = """
            #include <unistd.h>
            int main(int count, char **words) { words[0] = "gcc"; return execv("/usr/bin/gcc", words); }
            """
        try workshop.write(program, to: "w.c")
        try workshop.run(["gcc", "-o", "here/wrapper", "w.c"])
        #expect(try processes(workshop) == 1)
    }
}
