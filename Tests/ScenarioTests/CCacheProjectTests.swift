import Foundation
import TestSupport
import Testing

/// Build systems that look for a program called ccache: configured, built, cleaned and built again.
@Suite struct CCacheProjectTests {
    private static func isThere(_ programs: String...) -> Bool {
        programs.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
    }

    private func run(_ here: CCacheWorkshop, _ words: [String]) throws {
        let outcome = try here.workshop.run(words, environment: here.environment())
        #expect(outcome.status == 0, "\(words): \(outcome.outputText)\(outcome.errorText)")
    }

    /// Builds what `configure` has set up; the second time every compile is a hit, and `ccache -s` says so.
    private func buildTwice(_ here: CCacheWorkshop, configure: [String]) throws {
        try here.workshop.write("int g(void) { return 2; }\n", to: "b.c")
        try here.workshop.write("int f(void); int g(void);\nint main(void) { return f() - g(); }\n", to: "main.c")
        try run(here, configure)
        try run(here, ["ninja", "-C", "out"])
        try run(here, ["ninja", "-C", "out", "-t", "clean"])
        try here.ccache(["-z"])
        try run(here, ["ninja", "-C", "out"])
        #expect(try here.count("direct_cache_hit") == 3)
        #expect(try here.count("cache_miss") == 0)
        let line = "  Hits: +3 / +3 \\(100\\.0%\\)"
        #expect(try here.ccache(["-s"]).outputText.range(of: line, options: .regularExpression) != nil)
    }

    @Test(.enabled(if: isThere("meson", "ninja"), "Meson or Ninja is not installed"))
    func `Meson uses it without being told`() throws {
        let here = try CCacheWorkshop()
        try here.workshop.write("project('p', 'c')\nexecutable('p', 'main.c', 'a.c', 'b.c')\n", to: "meson.build")
        try buildTwice(here, configure: ["meson", "setup", "out"])
    }

    @Test(
        .enabled(if: isThere("cmake", "ninja"), "CMake or Ninja is not installed"),
        arguments: [
            "set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})",
            "set_property(GLOBAL PROPERTY RULE_LAUNCH_COMPILE ${CCACHE_PROGRAM})",
            "set_property(GLOBAL PROPERTY RULE_LAUNCH_COMPILE \"CCACHE_CPP2=yes CCACHE_HASHDIR=yes ${CCACHE_PROGRAM}\")",
        ]
    )
    func `CMake finds it and puts it before the compiler`(launcher: String) throws {
        let here = try CCacheWorkshop()
        try here.workshop.write(
            """
            cmake_minimum_required(VERSION 3.13)
            project(p C)
            find_program(CCACHE_PROGRAM ccache REQUIRED)
            execute_process(COMMAND ${CCACHE_PROGRAM} --version OUTPUT_VARIABLE SAID)
            if(NOT SAID MATCHES "^ccache version ([0-9]+\\\\.[0-9]+(\\\\.[0-9]+)?)\\n" OR CMAKE_MATCH_1 VERSION_LESS 4.8)
                message(FATAL_ERROR "${SAID}")
            endif()
            \(launcher)
            add_executable(p main.c a.c b.c)

            """,
            to: "CMakeLists.txt"
        )
        try buildTwice(here, configure: ["cmake", "-G", "Ninja", "-S", ".", "-B", "out"])
    }

    @Test(arguments: [
        ("head -n 1 | cut -d ' ' -f 3", "4.10.2"), ("grep -c '^ccache version [0-9.]*$'", "1"),
        ("sed -n '1s/[^0-9]*\\([0-9]*\\).*/\\1/p'", "4"), ("grep -c '^Features: .*file-storage'", "1"),
    ])
    func `scripts find the version where they look for it`(filter: String, found: String) throws {
        let here = try CCacheWorkshop()
        let words = ["sh", "-c", "ccache --version | \(filter)"]
        #expect(try here.workshop.run(words, environment: here.environment()).outputText == found + "\n")
    }
}
