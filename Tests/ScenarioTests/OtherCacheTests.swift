import Foundation
import TestSupport
import Testing

/// The launcher under a compiler's name in `PATH`, beside itself, copies of itself, and what else runs "the next gcc".
@Suite struct OtherCacheTests {
    /// A directory for `PATH` and what it has.
    private static let directories = [
        // Links to one launcher, and to a copy, which is another file.
        "one", "two",
        // Copies under the compiler's name.
        "hard", "hard2",
        // ccache as distributions install it; by a link to a link; a copy under the compiler's name.
        "ccache", "chain", "copy",
        // A script that calls the launcher, and one that does so as a child.
        "script", "child",
        // Something that nobody knows and that looks for the next compiler.
        "unknown",
    ]

    /// Runs the next program of its own name in `PATH` that is not itself, as ccache and distcc do.
    private static let nextProgram = """
        #!/bin/sh
        name=${0##*/}
        own=$(readlink -f "$0")
        case $name in ccache|larder-front) name=$1; shift;; esac
        IFS=:
        for directory in $PATH; do
            found=$directory/$name
            if [ -x "$found" ] && [ "$(readlink -f "$found")" != "$own" ]; then unset IFS; exec "$found" "$@"; fi
        done
        echo "$name: nothing behind me" >&2
        exit 99

        """

    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        let files = FileManager.default
        for directory in Self.directories {
            try files.createDirectory(at: workshop.url(directory), withIntermediateDirectories: true)
        }
        func link(_ name: String, _ target: String) throws {
            try files.createSymbolicLink(atPath: workshop.url(name).path, withDestinationPath: target)
        }
        func script(_ text: String, _ name: String) throws {
            try workshop.write(text, to: name)
            try workshop.run(["chmod", "+x", name])
        }
        try link("one/larder", Workshop.larder.path)
        for copy in ["two/larder", "hard/gcc", "hard2/gcc"] {
            try files.copyItem(at: Workshop.larder, to: workshop.url(copy))
            Workshop.waitUntilNobodyWrites(workshop.url(copy))
        }
        for directory in ["one", "two"] { try link("\(directory)/gcc", "larder") }
        try script(Self.nextProgram, "tools/ccache")
        try link("ccache/gcc", "../tools/ccache")
        try link("chain/gcc", workshop.url("tools/gcc").path)
        try link("tools/gcc", "ccache")
        try script(Self.nextProgram, "copy/gcc")
        try script("#!/bin/sh\nexec larder gcc \"$@\"\n", "script/gcc")
        try script("#!/bin/sh\nlarder gcc \"$@\"\n", "child/gcc")
        try script("#!/bin/sh\nexec larder tool \"$@\"\n", "script/tool")
        try link("unknown/gcc", "../copy/gcc")
        try workshop.write("int x = 1;\n", to: "a.c")
        return workshop
    }

    /// A path of the workshop's own directories and the system's.
    private func path(_ directories: String, _ workshop: Workshop, isRelative: Bool = false) -> [String: String] {
        let own = directories.split(separator: ":").map { isRelative ? String($0) : workshop.url(String($0)).path }
        let launcher = workshop.url("one").path
        // The scripts find the launcher, but not by a compiler's name.
        try? FileManager.default.createDirectory(at: workshop.url("launcher"), withIntermediateDirectories: true)
        try? FileManager.default.createSymbolicLink(
            atPath: workshop.url("launcher/larder").path,
            withDestinationPath: "\(launcher)/larder"
        )
        return ["PATH": (own + [workshop.url("launcher").path, "/usr/bin", "/bin"]).joined(separator: ":")]
    }

    /// Runs a command that would never end if something were wrong.
    private func run(_ words: [String], _ environment: [String: String], _ workshop: Workshop) throws
        -> Workshop.Outcome
    {
        try workshop.run(["timeout", "300"] + words, environment: environment)
    }

    private static let paths = [
        "one", "one:one", "one:ccache", "ccache:one", "one:chain", "chain:one", "one:two", "two:one", "one:two:ccache",
        "ccache:two:one", "hard:one", "one:hard", "hard:hard2", "hard:hard2:ccache", "one:copy", "copy:one",
        "one:unknown",
        "one:script", "script:one", "child:one", "one:child", "script:child:one:two", "script:copy:hard:ccache:one",
    ]

    @Test(arguments: paths)
    func `the compiler behind all caches in PATH compiles, as it does without them`(directories: String) throws {
        let workshop = try workshop()
        try workshop.run(["gcc", "-c", "a.c", "-o", "bare.o"])
        for _ in 0..<2 {
            workshop.remove("a.o")
            let outcome = try run(["gcc", "-c", "a.c"], path(directories, workshop), workshop)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            #expect(outcome.errorText.isEmpty)
            #expect(workshop.read("a.o") == workshop.read("bare.o"))
        }
    }

    @Test(arguments: ["one", "one:ccache", "ccache", "chain:one", "two:one"])
    func `a link to a cache is passed over, so that one compiler has one result`(directories: String) throws {
        let workshop = try workshop()
        let counted = try workshop.counting {
            for _ in 0..<2 { _ = try run(["larder", "gcc", "-c", "a.c"], path(directories, workshop), workshop) }
            _ = try run(["larder", "gcc", "-c", "a.c"], path("one", workshop), workshop)
        }
        #expect(counted.misses <= 2 && counted.hits >= 1 && counted.bypasses == 0, "\(counted)")
    }

    @Test(arguments: [
        ["larder", "one/gcc", "-c", "a.c"], ["larder", "./one/gcc", "-c", "a.c"],
        ["larder", "ccache/gcc", "-c", "a.c"],
        ["larder", "two/gcc", "-c", "a.c"], ["one/larder", "two/larder", "gcc", "-c", "a.c"],
        ["larder", "larder", "gcc", "-c", "a.c"], ["larder", "larder", "larder", "one/gcc", "-c", "a.c"],
        ["larder", "tools/ccache", "gcc", "-c", "a.c"], ["tools/ccache", "larder", "gcc", "-c", "a.c"],
        ["larder", "env", "gcc", "-c", "a.c"], ["larder", "script/gcc", "-c", "a.c"],
        ["larder", "hard/gcc", "-c", "a.c"],
    ])
    func `a compiler's name that is a path to a cache means the compiler behind it`(words: [String]) throws {
        let workshop = try workshop()
        try workshop.run(["gcc", "-c", "a.c", "-o", "bare.o"])
        for directories in ["one", "one:ccache", "script:one:two"] {
            workshop.remove("a.o")
            let outcome = try run(words, path(directories, workshop), workshop)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            #expect(workshop.read("a.o") == workshop.read("bare.o"))
        }
    }

    @Test func `relative directories in PATH make no difference`() throws {
        let workshop = try workshop()
        let environment = path("one:two:ccache", workshop, isRelative: true)
        #expect(try run(["gcc", "-c", "a.c"], environment, workshop).status == 0)
        #expect(workshop.read("a.o") != nil)
    }

    @Test func `where there is no compiler behind the caches one sentence says so`() throws {
        let workshop = try workshop()
        for name in ["one", "ccache", "one:two:ccache:chain"] {
            let own = name.split(separator: ":").map { workshop.url(String($0)).path }.joined(separator: ":")
            let outcome = try workshop.larder(["gcc", "-c", "a.c"], environment: ["PATH": own])
            #expect(outcome.status == 127)
            #expect(outcome.errorText.hasPrefix("larder: gcc: every program of that name in PATH leads back to larder"))
            #expect(outcome.errorText.filter { $0 == "\n" }.count == 1)
        }
    }

    @Test func `a script that calls the launcher for itself ends with one sentence`() throws {
        let workshop = try workshop()
        let outcome = try run(["larder", "tool", "all"], path("script", workshop), workshop)
        #expect(outcome.status == 127)
        #expect(outcome.errorText.hasPrefix("larder: tool: every program of that name in PATH leads back"))
    }

    @Test func `a plain compiler finds the environment as it was`() throws {
        let workshop = try workshop()
        try workshop.write(
            "#include <stdio.h>\n#include <unistd.h>\nextern char **environ;\n"
                + "int main(void) { for (char **e = environ; *e; e++) puts(*e); return 0; }\n",
            to: "show.c"
        )
        try workshop.run(["gcc", "show.c", "-o", "show-gcc"])
        let bare = try workshop.run(["./show-gcc", "-c", "a.c"])
        let cached = try workshop.larder(["./show-gcc", "-c", "a.c"])
        func lines(_ outcome: Workshop.Outcome) -> [Substring] { outcome.outputText.split(separator: "\n").sorted() }
        #expect(lines(cached) == lines(bare))
    }
}
