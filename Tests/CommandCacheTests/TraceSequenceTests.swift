import Foundation
import TestSupport
import Testing

/// States that follow each other, and a script that tells them apart.
private struct TraceSequence: Sendable, CustomTestStringConvertible {
    var name: String
    var script: String
    /// A shell's words before each pair of runs.
    var steps: [String]
    /// False where nothing of it is kept.
    var isKept = true
    var environment: [String: String] = [:]

    var testDescription: String { name }
}

private let versions = "mkdir v1 v2; echo one > v1/x; echo two > v2/x; ln -s v1 cur"

private let sequences: [TraceSequence] = [
    TraceSequence(
        name: "a directory that is entered comes, goes, and is a file",
        script: "cd in 2>/dev/null && echo yes || echo no",
        steps: [":", "mkdir in", "rmdir in; : > in", "rm in", "mkdir in"]
    ),
    TraceSequence(
        name: "a directory is entered by a link",
        script: "cd cur && cat x",
        steps: [versions, "rm cur; ln -s v2 cur", "rm cur; ln -s v1 cur"]
    ),
    TraceSequence(
        name: "an output goes where a link leads",
        script: "cd cur && cat x > made; cat made",
        steps: [versions, "rm cur; ln -s v2 cur", "rm v2/made", "rm cur; ln -s v1 cur"]
    ),
    TraceSequence(
        name: "a directory is opened by a link that leads to a link",
        script: "python3 -c 'import os; d = os.open(\"far\", 0); print(os.read(os.open(\"x\", 0, dir_fd=d), 9))'",
        steps: [versions + "; ln -s cur far", "rm cur; ln -s v2 cur", "rm cur; ln -s v1 cur"]
    ),
    TraceSequence(
        name: "what a directory holds becomes of another kind",
        script: "python3 -c 'import os; print([(e.name, e.is_dir()) for e in os.scandir(\"d\")])'",
        steps: ["mkdir d; : > d/in", "rm d/in; mkdir d/in", "rmdir d/in; ln -s no d/in", "rm d/in; : > d/in"]
    ),
    TraceSequence(
        name: "below a file there is nothing, below a directory there may be",
        script: "(echo x > build/x) 2>/dev/null && echo made || echo failed; cat build/x 2>&1 | head -1",
        steps: [": > build", "rm build; mkdir build", "rm -r build", ": > build"]
    ),
    TraceSequence(
        name: "the way to a file is a file, a link to itself, a name that is too long",
        script: "cat b/x/y 2>&1; true",
        steps: [": > b", "rm b; ln -s b b", "rm b; mkdir b; ln -s $(printf %300s | tr ' ' x) b/x", "rm -r b"]
    ),
    TraceSequence(
        name: "what is to be listed is a file",
        script: "ls d/ 2>/dev/null; cd d 2>/dev/null; cat d 2>/dev/null; true",
        steps: ["echo 1 > d", "rm d; mkdir d", "rmdir d"]
    ),
    TraceSequence(
        name: "a link has become younger",
        script: "stat -c %Y l",
        steps: ["ln -s no l; touch -h -d 2001-01-01 l", "touch -h -d 2002-02-02 l"]
    ),
    TraceSequence(
        name: "a file that has to be new",
        script: "python3 -c 'open(\"out\", \"x\").write(\"made\")' 2>/dev/null || echo there; cat out",
        steps: [":", "rm out; echo precious > out", "rm out"]
    ),
    TraceSequence(
        name: "a link that has to be new",
        script: "ln -s new l 2>/dev/null || echo there; readlink l",
        steps: [":", "rm l; ln -s precious l", "rm l"]
    ),
    TraceSequence(
        name: "a file that has to be there to be emptied",
        script: "python3 -c 'import os; os.open(\"in\", os.O_WRONLY | os.O_TRUNC); print(1)' 2>/dev/null || echo none",
        steps: [": > in", "rm in", ": > in"]
    ),
    TraceSequence(
        name: "a name that a rename could not take",
        script: "python3 -c 'import os; os.rename(\"a\", \"b\")' 2>/dev/null && echo moved || echo no; ls -d a b",
        steps: [": > a; mkdir b", "rmdir b; : > b; rm -f a; : > a"]
    ),
    TraceSequence(
        name: "the kernel's name of the working directory",
        script: "cat /proc/self/cwd/in",
        steps: ["echo 1 > in", "echo 2 > in"],
        isKept: false
    ),
    TraceSequence(
        name: "the interpreter of a script has a relative name",
        script: "./t",
        steps: ["ln -s /bin/echo py; printf '#!./py\\n' > t; chmod +x t", "rm py; ln -s /bin/cat py"],
        isKept: false
    ),
    TraceSequence(
        name: "what stat tells besides size and time",
        script: "stat -c '%h %b' in",
        steps: [
            "echo 1 > in; touch -d '1 hour ago' in", "truncate -s 9000 in; touch -d '1 hour ago' in", "ln in other",
            "rm other",
        ]
    ),
    TraceSequence(
        name: "a plugin is loaded once it is there",
        script: "python3 -c 'import ctypes; ctypes.CDLL(\"./plug.so\"); print(\"loaded\")' 2>/dev/null || echo none",
        steps: ["echo 'int q;' > q.c; gcc -shared -fPIC q.c -o keep", "cp keep plug.so", "rm plug.so"]
    ),
    TraceSequence(
        name: "a library that LD_LIBRARY_PATH finds beside the command",
        script: "./prog",
        steps: [
            """
            mkdir l1 l2; echo 'char q(void){return 49;}' > q.c; echo 'char q(void);int putchar(int);int main(void){putchar(q());return 0;}' > m.c
            gcc -shared -fPIC q.c -o l2/libq.so; gcc m.c -Ll2 -lq -o prog; sed -i s/49/50/ q.c; gcc -shared -fPIC q.c -o other
            """,
            "cp other l1/libq.so", "rm l1/libq.so",
        ],
        environment: ["LD_LIBRARY_PATH": "l1::l2"]
    ),
    TraceSequence(
        name: "an attribute is asked for of a file that comes",
        script: "python3 -c 'import os; os.getxattr(\"in\", \"user.a\")' 2>&1 | tail -1",
        steps: [":", ": > in", "rm in"]
    ),
]

/// Each state gives what the bare command gives there, however often the others were given.
@Suite struct TraceSequenceTests {
    @Test(arguments: sequences) fileprivate func `each state gives what it gives bare`(_ sequence: TraceSequence) throws
    {
        _ = try #require(PreloadLibrary.path)
        // One for each, so that both find what their own runs have left.
        let (traced, bare) = (try Workshop(), try Workshop())
        let words = ["sh", "-c", sequence.script]
        for step in sequence.steps {
            for workshop in [traced, bare] {
                let prepared = try workshop.run(["sh", "-ec", step])
                #expect(prepared.status == 0, "\(prepared.errorText)")
            }
            for _ in 0..<2 {
                let given = try traced.larder(["run", "--trace", "--"] + words, environment: sequence.environment)
                #expect(try given == bare.run(words, environment: sequence.environment), "\(step)")
                let state =
                    "ls -R; find . -path ./.cache -prune -o -type f ! -name '*.so' ! -name keep -exec cksum {} + | sort"
                #expect(try traced.run(["sh", "-c", state]) == bare.run(["sh", "-c", state]), "\(step)")
            }
        }
        #expect(try (traced.counters().hits > 0) == sequence.isKept)
    }
}
