import Foundation
import TestSupport
import Testing

/// What is asked to learn about a program must not run it.
@Suite struct ProgramProbeTests {
    /// Notes how it was called, and becomes the system's assembler.
    private static let noting = """
        #include <fcntl.h>
        #include <unistd.h>
        int main(int count, char **words) {
            int log = open("LOG", O_WRONLY | O_APPEND | O_CREAT, 0600);
            if (write(log, "called\\n", 7) != 7) return 2;
            words[0] = "/usr/bin/as";
            execv(words[0], words);
            return 1;
        }

        """

    /// The same as a loader that knows no questions; no library would work in the place of one.
    private static let loader = """
        static long call(long number, long a, long b, long c) {
            long result;
            __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
            return result;
        }
        void go(long *stack) {
            char **words = (char **)(stack + 1), **variables = words + stack[0] + 1;
            long log = call(2, (long)"LOG", 02101, 0600);
            call(1, log, (long)"called\\n", 7);
            words[0] = "/usr/bin/as";
            call(59, (long)words[0], (long)words, (long)variables);
            call(60, 1, 0, 0);
        }
        __attribute__((naked)) void _start(void) { __asm__("mov %rsp, %rdi\\n and $-16, %rsp\\n call go"); }

        """

    /// Whether this machine is of the kind that the loader is written for.
    private static let hasLoader: Bool = {
        #if arch(x86_64)
        true
        #else
        false
        #endif
    }()

    /// An assembler in a directory of its own, with that loader under `name`.
    private func workshop(loader name: String) throws -> Workshop {
        let workshop = try Workshop()
        let log = workshop.url("log").path
        try workshop.write(Self.loader.replacingOccurrences(of: "LOG", with: log), to: "loader.c")
        try workshop.write("int main(void) { return 0; }\n", to: "as.c")
        try workshop.write("", to: "bin/.keep")
        let loader = workshop.url(name).path
        #expect(
            try workshop.run(["gcc", "-nostdlib", "-static", "-fno-stack-protector", "loader.c", "-o", loader]).status
                == 0
        )
        #expect(try workshop.run(["gcc", "as.c", "-Wl,--dynamic-linker=\(loader)", "-o", "bin/as"]).status == 0)
        try workshop.write("int x;\n", to: "a.c")
        return workshop
    }

    @Test(.enabled(if: hasLoader, "the loader of this test is for x86-64"))
    func `a program whose loader is not known runs when the compiler runs it, and at no other time`() throws {
        let workshop = try workshop(loader: "odd-loader")
        let environment = ["PATH": "\(workshop.url("bin").path):/usr/bin:/bin"]
        try workshop.run(["gcc", "-c", "a.c"], environment: environment)
        let once = try #require(workshop.read("log")).split(separator: 10).count
        for number in 2...3 {
            let outcome = try workshop.larder(["gcc", "-c", "a.c"], environment: environment)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            let lines = try #require(workshop.read("log")).split(separator: 10)
            #expect(lines.count == number * once)
        }
        #expect(workshop.read("a.out") == nil)
    }

    @Test func `a static program and a script in the place of the assembler are not run either`() throws {
        let workshop = try Workshop()
        let log = workshop.url("log").path
        try workshop.write(Self.noting.replacingOccurrences(of: "LOG", with: log), to: "as.c")
        try workshop.write("int x;\n", to: "a.c")
        try workshop.write("", to: "bin/.keep")
        #expect(try workshop.run(["gcc", "-static", "as.c", "-o", "bin/as"]).status == 0)
        let environment = ["PATH": "\(workshop.url("bin").path):/usr/bin:/bin"]
        let counted = try workshop.counting {
            for _ in 0..<2 { try workshop.larder(["gcc", "-c", "a.c"], environment: environment) }
        }
        #expect(counted.misses == 1 && counted.hits == 1)
        #expect(try #require(workshop.read("log")).split(separator: 10).count == 1)
    }

    @Test func `a library that the compiler loads counts still`() throws {
        let workshop = try Workshop()
        try workshop.write("int number(void) { return 1; }\n", to: "n.c")
        try workshop.write(
            "#include <unistd.h>\nint number(void);\nint main(int c, char **w) { (void)c; number();"
                + " w[0] = \"/usr/bin/as\"; execv(w[0], w); return 1; }\n",
            to: "as.c"
        )
        try workshop.write("int x;\n", to: "a.c")
        try workshop.write("", to: "bin/.keep")
        try workshop.run(["gcc", "-shared", "-fPIC", "n.c", "-o", "bin/libn.so"])
        #expect(
            try workshop.run(["gcc", "as.c", "-Lbin", "-ln", "-Wl,-rpath,$ORIGIN", "-o", "bin/as"]).status == 0
        )
        let environment = ["PATH": "\(workshop.url("bin").path):/usr/bin:/bin"]
        func compile() throws -> Workshop.Counters {
            try workshop.counting { try workshop.larder(["gcc", "-c", "a.c"], environment: environment) }
        }
        #expect(try compile().misses == 1)
        #expect(try compile().hits == 1)
        try workshop.write("int number(void) { return 2; }\n", to: "n.c")
        try workshop.run(["gcc", "-shared", "-fPIC", "n.c", "-o", "bin/libn.so"])
        #expect(try compile().misses == 1)
        #expect(try compile().hits == 1)
    }
}
