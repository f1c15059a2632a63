import Foundation
import TestSupport
import Testing

/// Where the user's dependency file leaves out system headers, gcc is not asked for them by a second run.
@Suite struct PreprocessorRunTests {
    /// Options under which gcc cannot be made to list system headers in the same run, and some under which it can.
    static let options: [[String]] = [
        ["-g"], ["-g3"], ["-flto", "-frandom-seed=x"], ["-include", "forced.h"], ["-imacros", "values.h"],
        ["-g", "-include", "stdio.h"], ["-g", "-include", "made.h"], ["-O1"],
    ]

    /// A workshop whose gcc notes each run of the program that preprocesses and compiles.
    private func workshop() throws -> (Workshop, [String: String]) {
        let workshop = try Workshop()
        let real = try workshop.run(["gcc", "-print-prog-name=cc1"]).outputText.trimmingCharacters(in: .newlines)
        try workshop.write(
            "#!/bin/sh\necho \"$*\" >> \(workshop.url("runs").path)\nexec \(real) \"$@\"\n",
            to: "programs/cc1"
        )
        try workshop.run(["chmod", "+x", "programs/cc1"])
        try workshop.write("#include <stdlib.h>\n#include <system.h>\nint a = X;\n", to: "a.c")
        try workshop.write("#include CONFIGURATION\n#define X 1\n", to: "system/system.h")
        try workshop.write("#define CONFIGURATION <config.h>\n", to: "system/stdlib.h")
        try workshop.write("#include <limits.h>\n", to: "system/config.h")
        try workshop.write("#include <stdio.h>\n", to: "forced.h")
        try workshop.write("#include <float.h>\n", to: "values.h")
        try workshop.write("#include <errno.h>\n", to: "made.h")
        return (workshop, ["COMPILER_PATH": workshop.url("programs").path])
    }

    @Test(arguments: options) func `a miss compiles once, and gives what the bare compiler gives`(words: [String])
        throws
    {
        let (workshop, environment) = try workshop()
        if words.contains("made.h") {
            try workshop.run(["gcc", "-g", "made.h", "-o", "made.h.gch"])
        }
        let compile = ["gcc"] + words + ["-isystem", "system", "-MMD", "-c", "a.c", "-o", "a.o"]
        let bare = try workshop.run(compile, environment: environment)
        let expected = [workshop.read("a.o"), workshop.read("a.d")]
        for name in ["runs", "a.o", "a.d"] { workshop.remove(name) }

        let miss = try workshop.counting {
            let outcome = try workshop.larder(compile, environment: environment)
            #expect(outcome == bare)
        }
        #expect(miss.misses == 1)
        #expect([workshop.read("a.o"), workshop.read("a.d")] == expected)
        let runs = String(decoding: try #require(workshop.read("runs")), as: UTF8.self).split(separator: "\n")
        #expect(runs.count { $0.contains("a.c") } == 1, "\(runs)")

        let hit = try workshop.counting {
            let outcome = try workshop.larder(compile, environment: environment)
            #expect(outcome == bare)
        }
        #expect(hit.hits == 1)
        #expect([workshop.read("a.o"), workshop.read("a.d")] == expected)
    }

    @Test func `where nobody can follow an inclusion, gcc is asked`() throws {
        let (workshop, environment) = try workshop()
        try workshop.write("#define LIMITS(x) <x.h>\n#include LIMITS(limits)\n#define X 1\n", to: "system/system.h")
        let compile = ["gcc", "-g", "-isystem", "system", "-MMD", "-c", "a.c", "-o", "a.o"]
        try workshop.larder(compile, environment: environment)
        let runs = String(decoding: try #require(workshop.read("runs")), as: UTF8.self).split(separator: "\n")
        #expect(runs.count { $0.contains("a.c") } == 2)
        #expect(try workshop.counting { try workshop.larder(compile, environment: environment) }.hits == 1)
    }

    /// Headers that are there wherever the tests run, or are left out.
    private static let headers = [
        "assert", "complex", "ctype", "errno", "fenv", "float", "inttypes", "limits", "locale", "math", "setjmp",
        "signal",
        "stdarg", "stdatomic", "stdio", "stdlib", "string", "tgmath", "threads", "time", "uchar", "wchar", "aio",
        "dirent",
        "dlfcn", "fcntl", "ftw", "glob", "netdb", "poll", "pthread", "pwd", "regex", "sched", "search", "semaphore",
        "spawn",
        "termios", "ucontext", "unistd", "utime", "arpa/inet", "net/if", "netinet/in", "netinet/tcp", "sys/epoll",
        "sys/eventfd", "sys/inotify", "sys/ioctl", "sys/mman", "sys/ptrace", "sys/resource", "sys/socket", "sys/stat",
        "sys/types", "sys/un", "sys/wait", "linux/fs", "linux/input", "linux/perf_event", "linux/seccomp",
        "linux/videodev2",
        "immintrin", "zstd", "ncurses", "zlib", "curl/curl",
    ]

    @Test(arguments: ["gcc", "g++"])
    func `what the result is held against names every header that gcc names`(compiler: String) throws {
        let workshop = try Workshop()
        let names = compiler == "g++" ? ["bits/stdc++.h"] : Self.headers.map { $0 + ".h" }
        let lines = names.map { "#if __has_include(<\($0)>)\n#include <\($0)>\n#endif\n" }
        let source = compiler == "g++" ? "a.cc" : "a.c"
        try workshop.write("#define _GNU_SOURCE 1\n" + lines.joined(), to: source)
        let miss = try workshop.counting {
            let outcome = try workshop.larder([compiler, "-g", "-MMD", "-c", source, "-o", "a.o"])
            #expect(outcome.status == 0, "\(outcome.errorText)")
        }
        #expect(miss.misses == 1 && miss.entries > 0)
        let rule = try workshop.run([compiler, "-M", source]).outputText
        let files = rule.split { $0 == " " || $0 == "\n" || $0 == "\\" }.dropFirst()
        #expect(files.count > 100)
        var kept = Data()
        let entries = FileManager.default.enumerator(
            at: workshop.cache.appendingPathComponent("entries"),
            includingPropertiesForKeys: nil
        )
        while let entry = entries?.nextObject() as? URL { kept += (try? Data(contentsOf: entry)) ?? Data() }
        for file in files { #expect(kept.range(of: Data((file + "\0").utf8)) != nil, "\(file)") }
    }
}
