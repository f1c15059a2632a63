import Foundation
import TestSupport
import Testing

/// The compiler itself changes, or what stands before and behind it.
@Suite struct CompilerChanges {
    private static let source = "#include <x.h>\nint a = X;\n"

    /// A workshop with `a.c`, and `1/x.h` and `2/x.h` that differ.
    private func prepared(_ source: String = "int a = X;\n") throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write(source, to: "a.c")
        try workshop.write("#define X 1\n", to: "1/x.h")
        try workshop.write("#define X 2\n", to: "2/x.h")
        return workshop
    }

    private func script(_ text: String, at name: String, _ workshop: Workshop) throws {
        try workshop.write("#!/bin/sh\n\(text)\n", to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: workshop.url(name).path)
    }

    /// Compiles twice, changes something and compiles twice again: never another's result, and not always anew.
    private func check(
        _ compiler: String,
        _ workshop: Workshop,
        arguments: [String] = [],
        environment: [String: String] = [:],
        then changed: [String: String]? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
        change: () throws -> Void
    ) throws {
        let command = [compiler] + arguments + ["-c", "a.c", "-o", "a.o"]
        var hits: [Int] = []
        func compile(_ environment: [String: String]) throws {
            let counted = try workshop.counting {
                try same(command, environment, workshop, sourceLocation: sourceLocation)
            }
            hits.append(counted.hits)
        }
        for _ in 1...2 { try compile(environment) }
        try change()
        for _ in 1...2 { try compile(changed ?? environment) }
        #expect(hits == [0, 1, 0, 1], sourceLocation: sourceLocation)
    }

    @Test(arguments: ["gcc", "clang"], ["bin/cc", "bin/gcc"])
    func `a wrapper script is edited`(_ real: String, _ name: String) throws {
        guard !(real == "clang" && name == "bin/gcc") else { return }
        let workshop = try prepared()
        try script("exec \(real) -DX=1 \"$@\"", at: name, workshop)
        try check("./\(name)", workshop) { try script("exec \(real) -DX=2 \"$@\"", at: name, workshop) }
    }

    @Test(arguments: ["gcc", "clang"]) func `a wrapper script reads a file`(_ real: String) throws {
        let workshop = try prepared()
        try script("exec \(real) $(cat flags) \"$@\"", at: "bin/cc", workshop)
        try workshop.write("-DX=1", to: "flags")
        try check("bin/cc", workshop) { try workshop.write("-DX=2", to: "flags") }
    }

    @Test(arguments: ["gcc", "clang"]) func `a wrapper script sets a variable that it reads from a file`(_ real: String)
        throws
    {
        let workshop = try prepared(Self.source)
        try script("CPATH=$(cat directory) exec \(real) \"$@\"", at: "bin/cc", workshop)
        try workshop.write("1", to: "directory")
        try check("bin/cc", workshop) { try workshop.write("2", to: "directory") }
    }

    @Test(arguments: ["gcc", "clang"]) func `a wrapper script follows a link`(_ real: String) throws {
        let workshop = try prepared()
        for number in 1...2 { try script("exec \(real) -DX=\(number) \"$@\"", at: "bin/\(number)", workshop) }
        try workshop.run(["ln", "-s", "1", "bin/now"])
        try script("exec bin/now \"$@\"", at: "bin/cc", workshop)
        try check("bin/cc", workshop) { try workshop.run(["ln", "-sfn", "2", "bin/now"]) }
    }

    @Test func `a wrapper script sets the time`() throws {
        let workshop = try prepared("char *a = __TIME__;\n")
        try script("SOURCE_DATE_EPOCH=$(cat epoch) exec gcc \"$@\"", at: "bin/cc", workshop)
        let command = ["bin/cc", "-c", "a.c", "-o", "a.o"]
        for epoch in ["1000", "2000"] {
            try workshop.write(epoch, to: "epoch")
            for _ in 1...2 { try same(command, ["SOURCE_DATE_EPOCH": "500000"], workshop) }
        }
    }

    @Test(arguments: ["gcc", "clang"]) func `another compiler comes first in PATH`(_ compiler: String) throws {
        let workshop = try prepared("int a\n#ifdef X\n= X\n#endif\n;\n")
        try script("exec /usr/bin/\(compiler) -DX=2 \"$@\"", at: "bin/\(compiler)", workshop)
        let path = ["PATH": workshop.url("bin").path + ":/usr/bin:/bin"]
        try check(compiler, workshop, then: path) {}
    }

    @Test func `another assembler comes first in PATH, and is edited there`() throws {
        let workshop = try prepared("int a;\n")
        try assembler("one", in: workshop)
        let path = ["PATH": workshop.url("bin").path + ":/usr/bin:/bin"]
        try check("gcc", workshop, then: path) {}
        try same(["gcc", "-c", "a.c", "-o", "a.o"], path, workshop)
        try assembler("two", in: workshop)
        let counted = try workshop.counting { try same(["gcc", "-c", "a.c", "-o", "a.o"], path, workshop) }
        #expect(counted.hits == 0)
    }

    /// A program that has the assembler define `symbol`: what a script would read besides is unknown, so it is not kept.
    private func assembler(_ symbol: String, in workshop: Workshop) throws {
        let text = """
            #include <unistd.h>
            int main(int count, char **words) {
                char *all[count + 3];
                all[0] = words[0], all[1] = "--defsym", all[2] = "\(symbol)=1";
                for (int i = 1; i <= count; i++) all[i + 2] = words[i];
                return execv("/usr/bin/as", all);
            }
            """
        try workshop.write(text, to: "bin/as.c")
        #expect(try workshop.run(["gcc", "bin/as.c", "-o", "bin/as"]).status == 0)
    }

    // MARK: - During a compile

    /// What happens to the inputs while the compiler runs: each stays a secret to who looks only at their times.
    @Test(arguments: [
        "echo '#define X 2' > one/x.h", "touch -r one/x.h time; echo '#define X 2' > one/x.h; touch -r time one/x.h",
        "mv two/x.h one/x.h", "ln -sfn two now", "mv now before; mv two now", "mv one gone; mv two one",
        "mkdir first; mv two/x.h first", "rm first; ln -s two first", "echo 'int a = 7;' > a.c",
    ]) func `an input that changes during the compile is not kept`(_ change: String) throws {
        for compiler in ["gcc", "clang"] {
            let workshop = try Workshop()
            try workshop.write(Self.source, to: "a.c")
            try workshop.write("#define X 1\n", to: "one/x.h")
            try workshop.write("#define X 2\n", to: "two/x.h")
            try workshop.write("", to: "empty/other.h")
            try workshop.run(["ln", "-s", "one", "now"])
            if change.contains("rm first") { try workshop.run(["ln", "-s", "empty", "first"]) }
            // The real compiler runs, then the inputs change, and only then the compiler ends.
            try script(
                """
                case "$*" in *-###*|*/dev/null*) exec \(compiler) "$@";; esac
                [ -e armed ] || exec \(compiler) "$@"
                rm armed
                \(compiler) "$@" || exit 1
                \(change)
                """,
                at: "bin/cc",
                workshop
            )
            let command = ["bin/cc", "-Ifirst", "-Inow", "-c", "a.c", "-o", "a.o"]
            try workshop.write("", to: "armed")
            let first = try workshop.counting { try workshop.larder(command) }
            #expect(first.misses == 1, "\(compiler)")
            let second = try workshop.counting { try same(command, [:], workshop) }
            #expect(second.hits == 0, "\(compiler)")
            try same(command, [:], workshop)
        }
    }

    // MARK: - Outputs

    @Test(arguments: [
        "rm a.o; echo keep > kept; ln kept a.o", "rm a.o; echo keep > kept; ln -s kept a.o",
        "rm -f a.o kept; ln -s kept a.o",
        "rm a.d; echo keep > kept; ln kept a.d", "rm a.d; echo keep > kept; ln -s kept a.d", "chmod 444 a.o",
        "printf x >> a.o",
    ]) func `a hit treats what is in its way as the compiler does`(_ prepare: String) throws {
        for compiler in ["gcc", "clang"] {
            let command = [compiler, "-MD", "-MF", "a.d", "-c", "a.c", "-o", "a.o"]
            var seen: [[String]] = []
            for launcher in [[], [Workshop.larder.path]] {
                let workshop = try prepared("int a;\n")
                for _ in 1...2 { try workshop.run(launcher + command) }
                try workshop.run(["sh", "-ec", prepare])
                let outcome = try workshop.run(launcher + command)
                #expect(outcome.status == 0)
                let state = try workshop.run(["sh", "-c", "stat -c '%n %f %h %N' a.o a.d kept; md5sum a.o a.d kept"])
                seen.append(state.outputText.split(separator: "\n").map(String.init))
            }
            #expect(seen[0] == seen[1], "\(compiler)")
        }
    }

    @Test(arguments: ["gcc", "clang"]) func `diagnostics for a terminal are not given to a file`(_ compiler: String)
        throws
    {
        let workshop = try prepared("int f(void) { int unused; return 0; }\n")
        let command = [compiler, "-Wall", "-c", "a.c", "-o", "a.o"]
        func onTerminal(_ words: [String]) throws -> String {
            try workshop.run(
                ["script", "-qec", words.joined(separator: " "), "/dev/null"],
                environment: ["TERM": "xterm"]
            ).outputText
        }
        let coloured = try onTerminal(command)
        let plain = try workshop.run(command)
        for _ in 1...2 {
            #expect(try onTerminal([Workshop.larder.path] + command) == coloured)
            #expect(try workshop.larder(command) == plain)
        }
        #expect(try workshop.counters().hits == 2)
    }

    @Test func `a compiler and its libraries are read once for all languages`() throws {
        let workshop = try prepared("int a;\n")
        let outcome = try workshop.script(
            """
            # What this shell and the processes that it has waited for have read.
            bytes() { local name number; read -r name number < "/proc/$$/io"; echo "$number"; }
            library=$(ldd /usr/bin/clang | awk '/libLLVM/ { print $3 }'); least=$(stat -Lc %s "${library:-/usr/bin/clang}")
            for words in "clang" "clang -x c++" "clang++ -std=c++17"; do
                before=$(bytes); "$L" $words -w -c a.c -o a.o || exit; after=$(bytes)
                echo $((after - before > least))
            done
            """
        )
        #expect(outcome.outputText == "1\n0\n0\n", "\(outcome.errorText)")
    }
}
