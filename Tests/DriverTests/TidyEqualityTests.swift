import Foundation
import TestSupport
import Testing

private let files = [
    "a.cpp": "#include \"x.h\"\n#include <vector>\nint *f(int v) { int *p = 0; if (v = X) return p; return 0; }\n",
    "x.h": "#define X 1\n", "plain.c": "int plain(void) { return 1; }\n",
    "bad.cpp": "#include \"x.h\"\nint f() { return none; }\n",
    "system.cpp": "#include <sys/stat.h>\n// RANDOM, $$\nauto mask = umask(0);\n",
    "missing.cpp": "#include \"nowhere.h\"\n", ".clang-tidy": "Checks: \"-*,modernize-use-nullptr,bugprone-*\"\n",
    "compile_commands.json": "[{\"directory\": \"HERE\", \"command\": \"cc -I. -c a.cpp\", \"file\": \"a.cpp\"}]",
    "map.imp": "[ { include: [\"\\\"x.h\\\"\", \"private\", \"<big.h>\", \"public\"] } ]\n",
]

private let tidyHits = [
    "a.cpp -- -I.", "a.cpp --quiet -- -I.", "--quiet a.cpp -- -I. -std=c++17", "plain.c --", "a.cpp -- -Wall",
    "a.cpp --warnings-as-errors='*' -- -I.", "a.cpp --checks='-*,bugprone-*' -- -I.",
    "-checks -*,modernize-* a.cpp -- -I.",
    "a.cpp --header-filter='.*' --system-headers -- -I.", "bad.cpp -- -I.", "a.cpp --use-color -- -I.",
    "a.cpp --config='{Checks: \"-*,google-*\"}' --",
    "a.cpp --line-filter='[{\"name\":\"a.cpp\",\"lines\":[[1,2]]}]' --",
    "--extra-arg=-DX=2 --extra-arg-before=-Wextra a.cpp -- -I.", "a.cpp -- -x c++ -I.",
    "a.cpp plain.c --", "--dump-config a.cpp --", "--explain-config a.cpp --", "a.cpp --export-fixes=fixes.yaml --",
    "a.cpp --no-such-option --", "a.cpp -- -fplugin=x.so", "a.cpp -- -Wp,-MD,more.d", "missing.cpp --",
    "nowhere.cpp --",
    "--extra-arg-before=--driver-mode=g++ a.cpp -- /usr/bin/c++ -I. -o a.o -c a.cpp", "a.cpp -- -include x.h",
    "system.cpp --",
]
private let tidyBypasses = ["--version", "--list-checks", "@words", "--"]
private let tidyFailures = ["a.cpp --fix --"]
private let iwyuHits = [
    "a.cpp", "-I. a.cpp", "-c -O2 -I. a.cpp -o a.o", "-Xiwyu --no_comments a.cpp", "-Xiwyu --error a.cpp",
    "-Xiwyu --error=7 a.cpp", "-Xiwyu --error_always=9 plain.c", "bad.cpp", "plain.c",
    "-Xiwyu --mapping_file=map.imp a.cpp",
    "-Xiwyu --check_also=x.h a.cpp", "-Wall -std=c++14 a.cpp",
    "--driver-mode=g++ -I. -o a.o -c a.cpp", "-Xiwyu --verbose=3 a.cpp", "-include x.h a.cpp",
    "-Xiwyu --transitive_includes_only a.cpp", "-MD -MT a.o -MF a.d -c a.cpp",
    "-Xiwyu --no_such a.cpp", "-E a.cpp", "-H a.cpp", "-Xclang -load a.cpp",
    "-v a.cpp",
]
private let iwyuBypasses = ["--version", "--help", "@words", "-"]

@Suite(
    .enabled(
        if: isInstalled("clang-tidy") && isInstalled("include-what-you-use"),
        "clang-tidy or include-what-you-use is not installed: make setup"
    )
)
struct TidyEqualityTests {
    private enum Expectation { case hit, bypass, failure }

    @Test(arguments: ["", "script -qec"])
    func `clang-tidy says the same from the cache`(_ terminal: String) throws {
        try compare("clang-tidy", tidyHits, .hit, terminal)
        try compare("clang-tidy", ["-p . a.cpp", "a.cpp", "a.cpp -- -I. > both 2>&1"], .hit, terminal)
    }

    @Test(arguments: ["", "script -qec"])
    func `include-what-you-use says the same from the cache`(_ terminal: String) throws {
        try compare("include-what-you-use", iwyuHits, .hit, terminal)
    }

    @Test func `what is not cached runs as it is`() throws {
        try compare("clang-tidy", tidyBypasses, .bypass)
        try compare("iwyu", iwyuBypasses, .bypass)
    }

    @Test func `what cannot be known is not kept`() throws {
        try compare("clang-tidy", tidyFailures, .failure)
        // It looks at both and reads none.
        try compare("iwyu", ["a.cpp plain.c"], .failure)
    }

    @Test func `what tells times or addresses is not kept`() throws {
        let workshop = try Workshop()
        try workshop.write("int *p = 0;\n", to: "a.cpp")
        for command in ["clang-tidy --enable-check-profile a.cpp --", "iwyu -Xiwyu --verbose=7 a.cpp"] {
            let counted = try workshop.counting {
                for _ in 0..<2 { try workshop.larder(command.split(separator: " ").map(String.init)) }
            }
            #expect(counted.bypasses == 2, "\(command)")
        }
    }

    @Test func `other names are the same program`() throws {
        let workshop = try Workshop()
        try workshop.write("int *p = 0;\n", to: "a.cpp")
        for name in ["clang-tidy-14", "/usr/bin/clang-tidy"] where isInstalled("clang-tidy-14") {
            let command = [name, "--checks=-*,modernize-use-nullptr", "a.cpp", "--"]
            let counted = try workshop.counting {
                for _ in 0..<2 { try besideBare(command, [:], workshop, outputs: []) }
            }
            #expect(counted.hits == 1 && counted.misses == 1, "\(name)")
        }
    }

    @Test func `colours of a terminal are not given to a file`() throws {
        let workshop = try Workshop()
        try workshop.write("int *p = 0;\n", to: "a.cpp")
        let line = "clang-tidy --checks=-*,modernize-use-nullptr a.cpp --"
        let terminal = ["TERM": "xterm-256color"]
        for _ in 0..<2 {
            let words = ["script", "-qec", "\(Workshop.larder.path) \(line)", "/dev/null"]
            let shown = try workshop.run(words, environment: terminal)
            #expect(shown.outputText.contains("\u{1b}["))
            let written = try workshop.larder(line.split(separator: " ").map(String.init), environment: terminal)
            #expect(!written.outputText.contains("\u{1b}["))
        }
        #expect(try workshop.counters().hits == 2)
    }

    private func compare(
        _ program: String,
        _ lines: [String],
        _ expected: Expectation,
        _ terminal: String = ""
    ) throws {
        let workshop = try Workshop()
        let project = workshop.url("project").path
        for line in lines {
            func observe(_ prefix: String) throws -> (Workshop.Outcome, DirectorySnapshot) {
                DirectorySnapshot.remove(project)
                let here = files.mapValues { $0.replacingOccurrences(of: "HERE", with: project) }
                DirectorySnapshot.write(here, to: project, modified: 1_600_000_000)
                let command = "\(prefix) \(program) \(line)"
                let words = terminal.isEmpty ? ["sh", "-c", command] : ["script", "-qec", command, "/dev/null"]
                let outcome = try workshop.run(words, in: "project", environment: ["TERM": "xterm-256color"])
                return (outcome, DirectorySnapshot(of: project))
            }
            let bare = try observe("")
            var counted: [Workshop.Counters] = []
            for run in ["cold", "warm"] {
                counted.append(
                    try workshop.counting(dueHits: run == "warm" && expected == .hit ? 1 : 0) {
                        let seen = try observe(Workshop.larder.path)
                        let shown = [bare.0, seen.0].map { "\($0.status) \($0.outputText)\($0.errorText)" }
                        #expect(seen.0 == bare.0, "\(run) \(terminal): \(line): \(shown[0])\n\(shown[1])")
                        #expect(seen.1 == bare.1, "\(run) \(terminal): \(line)")
                    }
                )
            }
            switch expected {
            case .hit: #expect(counted[0].bypasses == 0 && counted[1].hits == 1, "\(terminal): \(line)")
            case .failure: #expect(counted.allSatisfy { $0.hits == 0 }, "\(line)")
            case .bypass: #expect(counted.allSatisfy { $0.bypasses == 1 }, "\(line)")
            }
        }
    }
}
