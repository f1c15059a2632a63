import Foundation
import TestSupport
import Testing

/// The launcher as a process: what the compiler and the caller see of it, compared with the bare compiler.
@Suite struct ProcessTests {
    /// A compiler that says in `log` that it runs, waits until somebody makes `go`, and then compiles.
    static let patientCompiler = """
        #!/bin/sh
        case " $* " in *" -### "*) exec gcc "$@";; esac
        echo $$ > pid.new; mv pid.new pid
        n=0; while [ ! -e go ] && [ $n -lt 60000 ]; do sleep 0.01; n=$((n + 1)); done
        exec gcc "$@"

        """
    /// The same without a child while it waits: a shell that starts one cannot be stopped for a moment.
    static let childlessCompiler = """
        #!/bin/bash
        case " $* " in *" -### "*) exec gcc "$@";; esac
        exec 9<> <(:)
        echo $$ > pid.new; mv pid.new pid
        n=0; while [ ! -e go ] && [ $n -lt 60000 ]; do read -r -t 0.01 -u 9; n=$((n + 1)); done
        exec 9>&- gcc "$@"

        """
    /// A compiler that is a process of its own, with no child, until a signal ends it.
    static let endlessCompiler = """
        #!/bin/sh
        case " $* " in *" -### "*) exec gcc "$@";; esac
        echo half > "$(echo "$*" | sed 's/.* -o \\([^ ]*\\).*/\\1/')"
        echo $$ > pid.new; mv pid.new pid
        exec sleep 60

        """
    /// `wait_for FILE`: until it is there, but not for ever.
    static let shell = """
        wait_for() { n=0; while [ ! -e "$1" ] && [ $n -lt 60000 ]; do sleep 0.01; n=$((n + 1)); done; }

        """

    /// Runs a script of bash in a directory of its own, once with the bare compiler and `rounds` times with the launcher
    /// in front of it (`$L`), and expects the same of all: status, both streams, the files and the object `a.o`.
    private func expectSame(
        _ script: String,
        files: [String: String] = ["a.c": "int a(void) { int unused; return 1; }\n"],
        rounds: Int = 2,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let workshop = try Workshop()
        func prepare(_ directory: String) throws {
            for (name, text) in files {
                let isScript = text.hasPrefix("#!")
                guard isScript, name == "testgcc" else {
                    try workshop.write(text, to: "\(directory)/\(name)")
                    if isScript { try workshop.run(["chmod", "+x", "\(directory)/\(name)"]) }
                    continue
                }
                try workshop.write(driver: text, to: "\(directory)/\(name)")
            }
        }
        func names(_ directory: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: workshop.url(directory).path).sorted()
        }
        try prepare("bare")
        let bare = try workshop.run(["bash", "-c", Self.shell + script], in: "bare", environment: ["L": ""])
        for round in 1...rounds {
            try prepare("ours\(round)")
            let ours = try workshop.run(
                ["bash", "-c", Self.shell + script],
                in: "ours\(round)",
                environment: ["L": Workshop.larder.path]
            )
            #expect(ours.status == bare.status, "round \(round): \(ours.errorText)", sourceLocation: sourceLocation)
            #expect(ours.outputText == bare.outputText, "round \(round)", sourceLocation: sourceLocation)
            #expect(ours.errorText == bare.errorText, "round \(round)", sourceLocation: sourceLocation)
            #expect(try names("ours\(round)") == names("bare"), "round \(round)", sourceLocation: sourceLocation)
            #expect(
                workshop.read("ours\(round)/a.o") == workshop.read("bare/a.o"),
                "round \(round)",
                sourceLocation: sourceLocation
            )
        }
    }

    // MARK: - Signals

    @Test(arguments: ["INT", "TERM", "HUP", "QUIT"], ["", "-"])
    func `a signal during a compile ends compiler and launcher, and leaves nothing`(signal: String, group: String)
        throws
    {
        try expectSame(
            """
            exec 2> /dev/null  # what bash says of its jobs
            set -m; echo old > a.o
            $L ./testgcc -c a.c -o a.o & launcher=$!
            wait_for pid; compiler=$(cat pid); rm pid
            kill -\(signal) \(group)$launcher
            wait $launcher 2>/dev/null; echo $?
            kill -0 $compiler 2>/dev/null && echo alive
            rm -f core* a.o
            """,
            files: ["a.c": "int a;\n", "testgcc": Self.endlessCompiler],
            rounds: 1
        )
    }

    /// A driver whose part goes on when the driver has ended, and then writes every file of a list that it was told to.
    private static let leavingCompiler = """
        #!/bin/bash
        case " $* " in *" -### "* | *" -v "*) exec gcc "$@";; esac
        [ -z "$PART" ] || {
            echo $$ > part.new; mv part.new part
            until [ -e go ]; do read -r -t 0.01 <> <(:); done
            for word in "$@"; do case $word in *.tmp.*) : > "${word##*,}";; esac; done
            exit
        }
        PART=1 "$0" "$@" &
        until [ -e part ]; do read -r -t 0.01 <> <(:); done
        echo $$ > pid.new; mv pid.new pid
        exec sleep 60

        """

    @Test(arguments: ["TERM", "HUP"])
    func `what a compiler has started ends with it where a signal ends the launcher alone`(signal: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "work/a.c")
        try workshop.write(driver: Self.leavingCompiler, to: "work/testgcc")
        let script =
            Self.shell + """
                set -m
                # Whoever became the launcher had a child of its own, which is none of the compiler's.
                (sleep 60 & echo $! > other; exec $L ./testgcc -c a.c -o a.o) & launcher=$!
                wait_for pid; kill -\(signal) $launcher; wait $launcher 2>/dev/null; echo $?
                kill -0 $(cat part) 2>/dev/null && echo alive
                kill $(cat other) && echo other lives
                : > go; while kill -0 $(cat part) 2>/dev/null; do sleep 0.01; done
                """
        let outcome = try workshop.run(["bash", "-c", script], in: "work", environment: ["L": Workshop.larder.path])
        #expect(outcome.outputText == "\(signal == "TERM" ? 143 : 129)\nother lives\n")
        let left = try FileManager.default.contentsOfDirectory(atPath: workshop.url("work").path).sorted()
        #expect(left == ["a.c", "go", "other", "part", "pid", "testgcc"])
    }

    @Test func `a signal after the compile, while the compiler is asked something, leaves the object and nothing else`()
        throws
    {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "work/a.c")
        // Asked where it searches headers, once it has compiled: `-E -v`.
        let asked = """
            #!/bin/sh
            case "$*" in
            *-v*) if [ -e ../made ]; then : > ../asked; exec sleep 20; fi ;;
            *) : > ../made ;;
            esac
            exec gcc "$@"
            """
        try workshop.write(driver: asked, to: "askedgcc")
        let script = """
            set -m
            \(Workshop.larder.path) ../askedgcc -c a.c -o a.o & launcher=$!
            n=0; until [ -e ../asked ] || [ $n -ge 1000 ]; do sleep 0.01; n=$((n + 1)); done
            kill -INT -$launcher; wait $launcher; [ -e ../asked ] && echo asked
            """
        let outcome = try workshop.run(["bash", "-c", script], in: "work")
        #expect(outcome.outputText == "asked\n")
        let left = try FileManager.default.contentsOfDirectory(atPath: workshop.url("work").path).sorted()
        #expect(left == ["a.c", "a.o"])
    }

    @Test func `a signal that the caller ignores is ignored by compiler and launcher alike`() throws {
        try expectSame(
            """
            trap '' INT HUP
            $L ./testgcc -c a.c -o a.o & launcher=$!
            wait_for pid; kill -INT $launcher $(cat pid); kill -HUP $launcher; : > go
            wait $launcher; echo $?; rm pid
            """,
            files: ["a.c": "int a;\n", "testgcc": Self.patientCompiler],
            rounds: 1
        )
    }

    @Test func `a compile that is stopped goes on where it was`() throws {
        try expectSame(
            """
            set -m
            $L ./testgcc -c a.c -o a.o & launcher=$!
            wait_for pid; kill -TSTP -$launcher
            n=0; until grep -q '^State:.T' /proc/$launcher/status || [ $n -ge 1000 ]; do sleep 0.01; n=$((n + 1)); done
            grep -c '^State:.T' /proc/$launcher/status
            until jobs %% | grep -q Stopped; do sleep 0.01; done
            : > go; [ -e a.o ] && echo early; kill -CONT -$launcher
            while jobs %% 2>/dev/null | grep -q Stopped; do :; done
            wait $launcher; echo $?; rm pid
            """,
            files: ["a.c": "int a;\n", "testgcc": Self.childlessCompiler],
            rounds: 1
        )
    }

    @Test func `after the launcher was killed the next compile is right`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write(driver: Self.patientCompiler, to: "testgcc")
        let outcome = try workshop.run(
            [
                "bash", "-c",
                Self.shell + """
                    set -m
                    $L ./testgcc -c a.c -o a.o & launcher=$!
                    wait_for pid; kill -KILL $launcher; wait $launcher 2>/dev/null; echo $?
                    : > go; tail --pid=$(cat pid) -f /dev/null; [ -e a.o ] && echo half
                    $L ./testgcc -c a.c -o a.o; echo $?
                    $L ./testgcc -c a.c -o b.o; gcc -c a.c -o c.o; cmp a.o b.o; cmp a.o c.o
                    """,
            ],
            environment: ["L": Workshop.larder.path]
        )
        #expect(outcome.outputText == "137\n0\n")
        #expect(try workshop.counters().hits == 1)
    }

    @Test(arguments: ["KILL", "SEGV", "TERM", "PIPE", "ABRT"])
    func `a compiler that dies by a signal has the launcher die by the same`(signal: String) throws {
        let dying =
            "#!/bin/sh\ncase \" $* \" in *\" -### \"*) exec gcc \"$@\";; esac\necho said >&2\nkill -\(signal) $$\n"
        try expectSame(
            "ulimit -c 0; $L ./testgcc -c a.c -o a.o & wait $! 2>/dev/null; echo $?",
            files: ["a.c": "int a;\n", "testgcc": dying]
        )
    }

    @Test func `a signal that ends our question to the compiler ends us as well`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        // It never answers: whoever waits for it is waiting when the signal comes.
        try workshop.write(
            driver:
                "#!/bin/sh\ncase \" $* \" in *\" -### \"*) : > asked; exec sleep 60;; esac\n: > compiled\nexec gcc \"$@\"\n",
            to: "testgcc",
            answers: false
        )
        for target in ["$launcher", "-$launcher"] {
            let outcome = try workshop.run([
                "bash", "-c",
                Self.shell + """
                    set -m; rm -f asked
                    \(Workshop.larder.path) ./testgcc -c a.c -o a.o & launcher=$!
                    wait_for asked; kill -INT \(target); wait $launcher 2>/dev/null; echo $?; ls
                    """,
            ])
            #expect(outcome.outputText == "130\na.c\nasked\ntestgcc\n")
        }
    }

    // MARK: - Exit status

    @Test(arguments: [1, 4, 42, 126, 127, 255])
    func `the compiler's exit status is ours`(status: Int) throws {
        let failing =
            "#!/bin/sh\ncase \" $* \" in *\" -### \"*) exec gcc \"$@\";; esac\necho no >&2\necho out\nexit \(status)\n"
        try expectSame("$L ./testgcc -c a.c -o a.o", files: ["a.c": "int a;\n", "testgcc": failing])
    }

    @Test func `a compiler that is not there, is a directory, or may not be run fails as in a shell`() throws {
        let outcomes = [
            ("gcc-that-is-not-there", 127), ("./not-there", 127), ("./", 126), ("./a.c", 126), ("./bad", 127),
            ("", 127),
        ]
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write("#!/no/such/interpreter\n", to: "bad")
        try workshop.write("echo \"shell $1\"\n", to: "gcc-script")
        try workshop.run(["chmod", "+x", "bad", "gcc-script"])
        for (name, status) in outcomes {
            let outcome = try workshop.larder([name, "-c", "a.c", "-o", "a.o"])
            #expect(outcome.status == Int32(status), "\(name)")
            #expect(outcome.errorText.split(separator: "\n").count == 1, "one sentence: \(outcome.errorText)")
        }
        let script = try workshop.larder(["./gcc-script", "-c", "a.c"])
        #expect(
            script.outputText == "shell -c\n",
            "a program without an interpreter is the shell's, as for make and env"
        )
        #expect(try workshop.larder([]).status == 2)
    }

    // MARK: - What a child gets

    @Test func `the compiler inherits descriptors, limits, umask, groups and masks`() throws {
        // The loader's own questions aside, only where the two streams lead may differ.
        let spy = """
            #!/bin/bash
            case " $* " in *" -### "*) exec gcc "$@";; *" a.c "*) ;; *) exec gcc "$@";; esac
            for fd in /proc/self/fd/*; do
                target=$(readlink "$fd"); case "$target" in pipe:*|*/proc/*) target=pipe;; esac
                case "${fd##*/}" in 1|2|199|255) ;; *) echo "${fd##*/} $target" >> seen;; esac
            done
            umask >> seen; ulimit -a >> seen; pwd >> seen
            grep -E 'SigBlk' /proc/self/status >> seen
            [ "$(ps -o pgid= -p $$)" = "$(ps -o pgid= -p $PPID)" ] && echo same group >> seen
            env | grep -vE '^(_|L|PWD|OLDPWD|SHLVL)=' | sort >> seen
            cat >> seen
            exec gcc "$@"

            """
        try expectSame(
            """
            for fd in /proc/self/fd/*; do fd=${fd##*/}; case $fd in 0|1|2|255) ;; *) eval "exec $fd>&-";; esac; done 2> /dev/null
            umask 027; ulimit -n 200
            echo from the user | $L ./testgcc -c a.c -o a.o 5< a.c 7>> log 9> /dev/null; s=$?
            stat -c %a a.o; sed "s|$PWD|here|g" seen; rm seen log; exit $s
            """,
            files: ["a.c": "int a;\n", "testgcc": spy],
            rounds: 1
        )
    }

    @Test func `a jobserver of make reaches the compiler`() throws {
        let makefile = """
            all: a.o b.o
            %.o: %.c
            \t+@$(L) ./testgcc -c $< -o $@

            """
        let spy = """
            #!/bin/bash
            case " $* " in *" -### "*) exec gcc "$@";; esac
            set -- "$@"
            auth=$(echo "$MAKEFLAGS" | sed -n 's/.*--jobserver-auth=\\([^ ]*\\).*/\\1/p')
            case "$auth" in
                fifo:*) [ -p "${auth#fifo:}" ] && echo jobserver ;;
                *,*) { : <&"${auth%,*}"; } 2>/dev/null && { : >&"${auth#*,}"; } 2>/dev/null && echo jobserver ;;
            esac
            exec gcc "$@"

            """
        try expectSame(
            "make -s -j2",
            files: ["a.c": "int a;\n", "b.c": "int b;\n", "Makefile": makefile, "testgcc": spy],
            rounds: 1
        )
    }

    @Test func `limits on files, open files and their size end nothing but what they would end anyway`() throws {
        for limit in ["-n 3", "-n 4", "-n 5", "-n 6", "-n 7", "-n 8", "-n 9", "-n 10", "-n 12", "-n 20"] {
            let workshop = try Workshop()
            try workshop.write("int a;\n", to: "a.c")
            try workshop.write("int b;\n", to: "b.c")
            try workshop.larder(["gcc", "-c", "b.c", "-o", "b.o"])
            for round in 1...2 {
                func status(_ launcher: String) throws -> Int32 {
                    try workshop.run(["bash", "-c", "ulimit \(limit); exec \(launcher) gcc -c a.c -o a.o"]).status
                }
                let bare = try status("")
                #expect(try status(Workshop.larder.path) == bare, "ulimit \(limit), round \(round)")
            }
        }
        // The journal and the entries are larger than what the object may be.
        for limit in 1...4 {
            try expectSame(
                """
                $L gcc -c b.c -o b.o; [ "$L" ] && for i in 1 2 3 4 5 6 7 8 9; do cat /proc/self/status; done >> "$LARDER_DIR/journal/current"
                (ulimit -f \(limit); $L gcc -c a.c -o a.o); echo $?; $L gcc -c a.c -o a.o; echo $?
                """,
                files: ["a.c": "int a;\n", "b.c": "int b;\n"]
            )
        }
    }

    @Test func `two launchers in a row are as good as one`() throws {
        let wrapper = "#!/bin/sh\nexec $L gcc \"$@\"\n"
        try expectSame("$L $L gcc -Wall -c a.c -o a.o")
        try expectSame(
            "$L ./wrapper -Wall -c a.c -o a.o",
            files: ["a.c": "int a(void) { int unused; return 1; }\n", "wrapper": wrapper]
        )
    }

    @Test(arguments: ["gcc", "clang"])
    func `a command line that is just short enough for the compiler is so with us, too`(compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let outcome = try workshop.run(
            [
                "bash", "-c",
                """
                pad() { printf -v word "%*s" "$1" ""; word=${word// /x}; }
                compile() { pad "$2"; $1 \(compiler) -DX=$word -DY=$word -c a.c -o a.o 2> /dev/null; }
                ulimit -s 800  # a quarter of it is for arguments
                low=10; high=131000
                while [ $((high - low)) -gt 1 ]; do
                    middle=$(((low + high) / 2)); if compile "" $middle; then low=$middle; else high=$middle; fi
                done
                # The launcher's own name has to fit as well; what it adds to the command line is longer than that.
                for less in 0 10 20 40 80; do
                    size=$((low - less - 2 * ${#L}))
                    for round in 1 2; do rm -f a.o; compile $L $size || echo "failed with $size"; [ -e a.o ] || echo none; done
                done
                true
                """,
            ],
            environment: ["L": Workshop.larder.path]
        )
        #expect(outcome.outputText == "")
    }

    @Test func `a response file of 100 kB is read`() throws {
        let options = (0..<5000).map { "-DNAME\($0)=\($0 * 31)\n" }.joined()
        try expectSame(
            "$L gcc @options -c a.c -o a.o",
            files: ["a.c": "int a = NAME17, b = NAME4999;\n", "options": options + "\n"]
        )
    }
}
