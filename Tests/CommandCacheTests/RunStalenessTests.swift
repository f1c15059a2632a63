import Foundation
import TestSupport
import Testing

/// One thing changes between two runs, and the second has to give what the bare command gives then.
struct RunChange: Sendable, CustomTestStringConvertible {
    enum Next: Sendable { case hit, miss }

    var name: String
    /// Options of `larder run`, then `--` and the command; `TOOL` stands for a script that prints all it can see.
    var words: [String]
    /// A shell's words that make the files.
    var prepare = ""
    /// A shell's words that change something.
    var change = ""
    var changedWords: [String]?
    var environment: [String: String] = [:]
    var changedEnvironment: [String: String]?
    var next = Next.miss
    /// Whether the second run, before the change, is a hit.
    var isKept = true
    /// Whether, after the change is taken back, the first result is found again.
    var undo = ""

    var testDescription: String { name }
}

private let cat = ["--", "sh", "-c", "cat a"]
private let inputs: [RunChange] = [
    RunChange(name: "a file is edited", words: ["--input", "a"] + cat, change: "echo 2 > a", undo: "echo 1 > a"),
    RunChange(
        name: "a file is edited, its size and time set back",
        words: ["--input", "a"] + cat,
        change: "touch -r a t; echo 2 > a; touch -r t a"
    ),
    RunChange(
        name: "a file is replaced by a rename",
        words: ["--input", "a"] + cat,
        change: "echo 2 > b; touch -r a b; mv b a"
    ),
    RunChange(name: "a file is touched", words: ["--input", "a"] + cat, change: "touch -d 2001-01-01 a", next: .hit),
    RunChange(
        name: "a file is written with what it held",
        words: ["--input", "a"] + cat,
        change: "echo 1 > a",
        next: .hit
    ),
    RunChange(name: "a file goes", words: ["--input", "a", "--", "sh", "-c", "cat a || :"], change: "rm a"),
    RunChange(
        name: "a file appears",
        words: ["--input", "b", "--", "sh", "-c", "cat b || :"],
        change: "echo 2 > b",
        undo: "rm b"
    ),
    RunChange(
        name: "a file can be run now",
        words: ["--input", "a", "--", "sh", "-c", "test -x a && echo x || echo -"],
        change: "chmod +x a",
        undo: "chmod -x a"
    ),
    RunChange(
        name: "a file may be written by others now",
        words: ["--input", "a"] + cat,
        change: "chmod g+w a",
        next: .hit
    ),
    RunChange(
        name: "a file becomes a directory",
        words: ["--input", "a", "--", "sh", "-c", "test -d a && echo d || echo f"],
        change: "rm a; mkdir a"
    ),
    RunChange(
        name: "a file becomes a link to the same",
        words: ["--input", "a", "--", "sh", "-c", "readlink a || echo f"],
        change: "mv a b; ln -s b a"
    ),
    RunChange(
        name: "a link leads elsewhere, to the same content",
        words: ["--input", "l", "--", "readlink", "l"],
        prepare: "cp a b; ln -s a l",
        change: "ln -sfn b l"
    ),
    RunChange(
        name: "what a link leads to is edited",
        words: ["--input", "l", "--", "cat", "l"],
        prepare: "ln -s a l",
        change: "echo 2 > a"
    ),
    RunChange(
        name: "what a dangling link leads to appears",
        words: ["--input", "l", "--", "sh", "-c", "cat l || :"],
        prepare: "ln -s gone l",
        change: "echo 2 > gone"
    ),
    RunChange(
        name: "a link on the way to a file leads elsewhere",
        words: ["--input", "now/a", "--", "cat", "now/a"],
        prepare: "mkdir 1 2; echo 1 > 1/a; echo 2 > 2/a; ln -s 1 now",
        change: "ln -sfn 2 now",
        undo: "ln -sfn 1 now"
    ),
    RunChange(
        name: "a file in a directory is edited",
        words: ["--input", "d", "--", "cat", "d/x/y"],
        prepare: "mkdir -p d/x; echo 1 > d/x/y",
        change: "echo 2 > d/x/y",
        undo: "echo 1 > d/x/y"
    ),
    RunChange(
        name: "a file appears in a directory",
        words: ["--input", "d", "--", "ls", "d"],
        prepare: "mkdir d; echo 1 > d/x",
        change: "echo > d/y",
        undo: "rm d/y"
    ),
    RunChange(
        name: "a file in a directory has another name",
        words: ["--input", "d", "--", "ls", "d"],
        prepare: "mkdir d; echo 1 > d/x",
        change: "mv d/x d/y"
    ),
    RunChange(
        name: "a hidden file appears in a directory",
        words: ["--input", "d", "--", "ls", "-A", "d"],
        prepare: "mkdir d; echo 1 > d/x",
        change: "echo > d/.y"
    ),
    RunChange(
        name: "an empty directory appears in a directory",
        words: ["--input", "d", "--", "ls", "d"],
        prepare: "mkdir d",
        change: "mkdir d/e"
    ),
    RunChange(
        name: "a file behind a link to a directory is edited",
        words: ["--input", "d", "--", "cat", "d/l/x"],
        prepare: "mkdir d o; echo 1 > o/x; ln -s ../o d/l",
        change: "echo 2 > o/x"
    ),
    RunChange(
        name: "a file that a pattern matches appears",
        words: ["--input", "*.txt", "--", "sh", "-c", "cat *.txt"],
        prepare: "echo 1 > a.txt",
        change: "echo 2 > b.txt",
        undo: "rm b.txt"
    ),
    RunChange(
        name: "a file that no pattern matches appears",
        words: ["--input", "*.txt", "--", "sh", "-c", "cat *.txt"],
        prepare: "echo 1 > a.txt",
        change: "echo 2 > b.md",
        next: .hit
    ),
    RunChange(
        name: "a file appears deep below a pattern",
        words: ["--input", "**/*.txt", "--", "sh", "-c", "find . -name '*.txt' | sort | xargs cat"],
        prepare: "mkdir -p x/y; echo 1 > x/y/a.txt",
        change: "mkdir z; echo 2 > z/b.txt"
    ),
    RunChange(
        name: "a file called like a pattern is edited",
        words: ["--input", "[b]", "--", "cat", "[b]"],
        prepare: "echo 1 > '[b]'",
        change: "echo 2 > '[b]'"
    ),
    RunChange(
        name: "a name with a line break and bytes that are no text",
        words: ["--input", "d", "--", "sh", "-c", "cat d/*"],
        prepare: "mkdir d; echo 1 > \"$(printf 'd/a\\n\\377')\"",
        change: "echo 2 > \"$(printf 'd/a\\n\\377')\""
    ),
    RunChange(
        name: "the order of two inputs on the command line",
        words: ["--input", "a", "--input", "b", "--", "cat", "a"],
        prepare: "echo 2 > b",
        changedWords: ["--input", "b", "--input", "a", "--", "cat", "a"]
    ),
    RunChange(
        name: "content moves between two inputs",
        words: ["--input", "d", "--", "sh", "-c", "head d/*"],
        prepare: "mkdir d; printf ab > d/1; printf c > d/2",
        change: "printf a > d/1; printf bc > d/2"
    ),
]

private let programs: [RunChange] = [
    RunChange(
        name: "the tool changes",
        words: ["--", "./tool"],
        prepare: "printf '#!/bin/sh\\necho 1\\n' > tool; chmod +x tool",
        change: "printf '#!/bin/sh\\necho 2\\n' > tool",
        undo: "printf '#!/bin/sh\\necho 1\\n' > tool"
    ),
    RunChange(
        name: "the tool in PATH is another one",
        words: ["--", "tool"],
        prepare: "mkdir 1 2; for n in 1 2; do printf \"#!/bin/sh\\necho $n\\n\" > $n/tool; chmod +x $n/tool; done",
        environment: ["PATH": "1:2:/usr/bin:/bin"],
        changedEnvironment: ["PATH": "2:1:/usr/bin:/bin"]
    ),
    RunChange(
        name: "a tool appears earlier in PATH",
        words: ["--", "tool"],
        prepare: "mkdir 1 2; printf '#!/bin/sh\\necho 2\\n' > 2/tool; chmod +x 2/tool",
        change: "printf '#!/bin/sh\\necho 1\\n' > 1/tool; chmod +x 1/tool",
        environment: ["PATH": "1:2:/usr/bin:/bin"]
    ),
    RunChange(
        name: "the link to the tool leads elsewhere",
        words: ["--", "./tool"],
        prepare: "for n in 1 2; do printf '#!/bin/sh\\nreadlink tool\\n' > t$n; chmod +x t$n; done; ln -s t1 tool",
        change: "ln -sfn t2 tool"
    ),
    RunChange(
        name: "the interpreter of the tool changes",
        words: ["--", "./tool"],
        prepare: "printf '#!/bin/sh\\necho 1\\n' > int; chmod +x int; printf '#!./int\\n' > tool; chmod +x tool",
        change: "printf '#!/bin/sh\\necho 2\\n' > int"
    ),
    RunChange(
        name: "the interpreter that env finds is another one",
        words: ["--", "./tool"],
        prepare: """
            mkdir 1 2; for n in 1 2; do printf "#!/bin/sh\\necho $n\\n" > $n/int; chmod +x $n/int; done
            printf '#!/usr/bin/env int\\n' > tool; chmod +x tool
            """,
        environment: ["PATH": "1:2:/usr/bin:/bin"],
        changedEnvironment: ["PATH": "2:1:/usr/bin:/bin"]
    ),
    RunChange(
        name: "a tool without a line for its interpreter",
        words: ["--", "./tool"],
        prepare: "echo 'echo 1' > tool; chmod +x tool",
        change: "echo 'echo 2' > tool"
    ),
]

private let words: [RunChange] = [
    RunChange(name: "an argument", words: ["--", "echo", "a"], changedWords: ["--", "echo", "b"]),
    RunChange(
        name: "the order of arguments",
        words: ["--", "echo", "a", "b"],
        changedWords: ["--", "echo", "b", "a"]
    ),
    RunChange(
        name: "where a word ends",
        words: ["--", "printf", "%s-", "ab", "c"],
        changedWords: ["--", "printf", "%s-", "a", "bc"]
    ),
    RunChange(
        name: "an empty argument",
        words: ["--", "printf", "%s-", "a"],
        changedWords: ["--", "printf", "%s-", "a", ""]
    ),
    RunChange(
        name: "the text of --key",
        words: ["--key", "1", "--", "echo"],
        changedWords: ["--key", "2", "--", "echo"]
    ),
    RunChange(name: "that there is a --key", words: ["--", "echo"], changedWords: ["--key", "", "--", "echo"]),
    RunChange(
        name: "a variable that counts",
        words: ["--env", "V", "--", "sh", "-c", "echo $V"],
        environment: ["V": "1"],
        changedEnvironment: ["V": "2"]
    ),
    RunChange(
        name: "a variable that counts is empty now, and was not set",
        words: ["--env", "V", "--", "sh", "-c", "echo ${V-none}"],
        changedEnvironment: ["V": ""]
    ),
    RunChange(
        name: "a variable that does not count",
        words: ["--env", "V", "--", "sh", "-c", "echo $V"],
        environment: ["V": "1", "W": "1"],
        changedEnvironment: ["V": "1", "W": "2"],
        next: .hit
    ),
    RunChange(
        name: "another output",
        words: ["--output", "o", "--", "sh", "-c", "echo 1 > o; echo 1 > p"],
        change: "rm o",
        changedWords: ["--output", "o", "--output", "p", "--", "sh", "-c", "echo 1 > o; echo 1 > p"]
    ),
]

private let rule = "cat a h > o; echo 'o: a h' > o.d"
private let dependencies: [RunChange] = [
    RunChange(
        name: "a file that the tool names is edited",
        words: ["--depfile", "o.d", "--output", "o", "--", "sh", "-c", rule],
        prepare: "echo 1 > h",
        change: "echo 2 > h; rm -f o o.d",
        undo: "echo 1 > h; rm -f o o.d"
    ),
    RunChange(
        name: "a file that the tool names goes",
        words: [
            "--depfile", "o.d", "--", "sh", "-c", "cat a h; test -e h && echo 'o: a h' > o.d || echo 'o: a' > o.d",
        ],
        prepare: "echo 1 > h",
        change: "rm h o.d",
        undo: "echo 1 > h; rm o.d"
    ),
    RunChange(
        name: "a file that the tool does not name is edited",
        words: ["--depfile", "o.d", "--output", "o", "--", "sh", "-c", rule],
        prepare: "echo 1 > h; echo 1 > g",
        change: "echo 2 > g; rm o o.d",
        next: .hit
    ),
    RunChange(
        name: "a file that is named only since another has changed",
        words: ["--depfile", "o.d", "--", "sh", "-c", "cat $(cat a); echo o: a $(cat a) > o.d"],
        prepare: "echo h > a; echo 1 > h; echo 2 > g",
        change: "echo g > a; rm o.d"
    ),
]

@Suite struct RunStalenessTests {
    @Test(arguments: inputs) func `an input changes`(_ change: RunChange) throws { try check(change) }
    @Test(arguments: programs) func `a program changes`(_ change: RunChange) throws { try check(change) }
    @Test(arguments: words) func `what is asked changes`(_ change: RunChange) throws { try check(change) }
    @Test(arguments: dependencies) func `what the tool names changes`(_ change: RunChange) throws { try check(change) }

    private func check(_ change: RunChange) throws {
        let (bare, ours) = (try Workshop(), try Workshop())
        func both(_ script: String) throws {
            guard !script.isEmpty else { return }
            for workshop in [bare, ours] {
                let outcome = try workshop.run(["sh", "-ec", script])
                #expect(outcome.status == 0, "\(outcome.errorText)")
            }
        }
        /// Runs the command bare and through the cache, in directories that are alike, and compares what it did.
        func same(_ words: [String], _ environment: [String: String], _ step: Comment) throws -> Workshop.Counters {
            let command = Array(words[words.index(after: try #require(words.firstIndex(of: "--")))...])
            let expected = try bare.run(command, environment: environment)
            let counted = try ours.counting {
                let outcome = try ours.larder(["run"] + words, environment: environment)
                #expect(outcome == expected, step)
            }
            var (here, there) = (DirectorySnapshot(of: ours.directory.path), DirectorySnapshot(of: bare.directory.path))
            here.removeAll(below: ".cache")
            there.removeAll(below: ".cache")
            #expect(here == there, step)
            return counted
        }
        try both("echo 1 > a\n" + change.prepare)
        #expect(try same(change.words, change.environment, "first run").misses == 1)
        #expect(try same(change.words, change.environment, "second run").hits == (change.isKept ? 1 : 0))
        try both(change.change)
        let (words, environment) = (
            change.changedWords ?? change.words, change.changedEnvironment ?? change.environment
        )
        #expect(try same(words, environment, "after the change").hits == (change.next == .hit ? 1 : 0))
        #expect(try same(words, environment, "once more").hits == 1)
        guard !change.undo.isEmpty else { return }
        try both(change.undo)
        #expect(try same(change.words, change.environment, "taken back").hits == 1)
    }
}
