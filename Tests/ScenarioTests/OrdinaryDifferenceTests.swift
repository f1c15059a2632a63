import Foundation
import TestSupport
import Testing

/// What is different in nearly every build and nothing to a compiler: variables, directories for temporary files, seeds, work directories.
@Suite struct OrdinaryDifferences {
    @Test func `a variable of somebody else's whose name begins like a compiler's is nothing`() throws {
        for compiler in ["gcc", "clang"] {
            let workshop = try Workshop()
            try workshop.write("int a;\n", to: "a.c")
            let names = ["VCS_REF", "VCPKG_ROOT", "LC_TERMINAL", "LLVM_PROFILE_FILE", "AS_OF", "RC_FILE"]
            let counted = try workshop.counting {
                try workshop.larder([compiler, "-c", "a.c"])
                for name in names { try workshop.larder([compiler, "-c", "a.c"], environment: [name: "/x/y"]) }
            }
            #expect(counted.hits == names.count, "\(compiler)")
        }
    }

    @Test func `a traced compile hits with any directory for temporary files that can be used`() throws {
        let workshop = try Workshop()
        try workshop.write("int f(int a) { return a ? 1 : 2; }\n", to: "a.c")
        for name in ["one", "two"] {
            try FileManager.default.createDirectory(at: workshop.url(name), withIntermediateDirectories: true)
        }
        let words = ["gcc", "--coverage", "-c", "a.c", "-o", "a.o"]
        let counted = try workshop.counting {
            for name in ["one", "two"] {
                let outcome = try workshop.larder(words, environment: ["TMPDIR": workshop.url(name).path])
                #expect(outcome.status == 0, "\(outcome.errorText)")
            }
        }
        #expect(counted.hits == 1)
        let nowhere = ["TMPDIR": workshop.url("nowhere").path]
        let (ours, bare) = (
            try workshop.larder(words, environment: nowhere), try workshop.run(words, environment: nowhere)
        )
        #expect(ours.status == bare.status && ours.error == bare.error)
    }

    @Test func `a seed may look like a path, and is never one`() throws {
        let workshop = try Workshop()
        try workshop.write(
            "#include <vector>\nnamespace { int hidden() { return 1; } }\nint f() { return hidden(); }\n",
            to: "z.cc"
        )
        let counted = try workshop.counting {
            for _ in 1...2 {
                try workshop.larder(["g++", "-frandom-seed=src/z.o", "-c", "z.cc", "-o", "z.o"])
            }
        }
        #expect(counted.hits == 1)
        // In objects for the linker's compiler the seed is part of names.
        for directory in ["one", "two"] {
            try workshop.write(
                "static int hidden(void) { return 1; }\nint f(void) { return hidden(); }\n",
                to: "\(directory)/a.c"
            )
            let source = workshop.url("\(directory)/a.c").path
            let seed = "-frandom-seed=" + workshop.url("\(directory)/a.o").path
            for words in [["gcc", seed, "-c", source], ["gcc", seed, "-flto", "-c", source]] {
                try workshop.larder(words + ["-o", "a.o"], in: directory)
                try workshop.run(words + ["-o", "bare.o"], in: directory)
                #expect(workshop.read("\(directory)/a.o") == workshop.read("\(directory)/bare.o"), "\(words)")
            }
        }
    }

    @Test func `a work directory that a map covers is no difference, although the working directory counts`() throws {
        for compiler in ["gcc", "clang"] {
            let workshop = try Workshop()
            try workshop.write("#include \"_cgo.h\"\nint big(int a) { return a * CGO; }\n", to: "pkg/big.c")
            let counted = try workshop.counting {
                for (work, value) in [("w1", 7), ("w2", 7), ("w3", 8)] {
                    try workshop.write("#define CGO \(value)\n", to: "\(work)/b001/_cgo.h")
                    let directory = workshop.url("\(work)/b001").path
                    let words = [
                        compiler, "-I", ".", "-fPIC", "-ffile-prefix-map=\(directory)=/tmp/go-build", "-I",
                        directory + "/",
                        "-g", "-O2", "-o",
                    ]
                    let output = directory + "/_x002.o"
                    try workshop.larder(words + [output, "-c", "big.c"], in: "pkg")
                    let given = workshop.read("\(work)/b001/_x002.o")
                    try workshop.run(words + [output, "-c", "big.c"], in: "pkg")
                    #expect(given == workshop.read("\(work)/b001/_x002.o"), "\(compiler) \(work)")
                }
            }
            #expect(counted.hits == 1, "\(compiler)")
        }
    }

    @Test func `a header whose time is still to come is kept, and its change noticed`() throws {
        for compiler in ["gcc", "clang"] {
            let workshop = try Workshop()
            try workshop.write("#define Q 1\n", to: "q.h")
            try workshop.write("#include \"q.h\"\nint q = Q;\n", to: "q.c")
            let future = Date(timeIntervalSinceNow: 1e8)
            try FileManager.default.setAttributes([.modificationDate: future], ofItemAtPath: workshop.url("q.h").path)
            let words = [compiler, "-c", "q.c", "-o", "q.o"]
            // The first miss may come while the header's last change is as young as the clock is coarse.
            let counted = try workshop.counting { for _ in 1...3 { try workshop.larder(words) } }
            #expect(counted.hits >= 1, "\(compiler)")
            try workshop.write("#define Q 2\n", to: "q.h")
            try FileManager.default.setAttributes([.modificationDate: future], ofItemAtPath: workshop.url("q.h").path)
            try workshop.larder(words)
            let given = workshop.read("q.o")
            try workshop.run(words)
            #expect(given == workshop.read("q.o"), "\(compiler)")
        }
    }

    @Test(arguments: [[:], ["LARDER_HARD_LINKS": "yes"]])
    func `the object of a hit is not older than its dependency file`(
        _ settings: [String: String]
    ) throws {
        func time(_ file: URL) -> Int {
            var status = stat()
            guard stat(file.path, &status) == 0 else { return 0 }
            return Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
        }
        let workshop = try Workshop()
        try workshop.write("char large[8 << 20] = {1};\n", to: "a.c")
        let counted = try workshop.counting {
            for _ in 1...6 {
                let outcome = try workshop.larder(["gcc", "-MD", "-c", "a.c", "-o", "a.o"], environment: settings)
                #expect(outcome.status == 0, "\(outcome.errorText)")
                #expect(time(workshop.url("a.o")) >= time(workshop.url("a.d")))
            }
        }
        #expect(counted.hits >= 4)
    }

    /// clang takes a list of its own for each sanitizer where there is one.
    @Test func `a list of what a sanitizer leaves out is noticed where there was none`() throws {
        let workshop = try Workshop()
        let found = try workshop.run(["clang", "-print-resource-dir"])
        guard found.status == 0 else { return }
        let resources = found.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
        let script = """
            set -e
            version=$(basename \(resources)); mkdir -p tools/bin tools/lib/clang/$version
            cp -L "$(readlink -f "$(command -v clang)")" tools/bin/clang
            ln -s \(resources)/include tools/lib/clang/$version/include
            tools/bin/clang -fsanitize=address -O1 -c a.c -o a.o
            """
        try workshop.write("int f(int *p) { return *p; }\n", to: "a.c")
        // One that does not run elsewhere tells nothing.
        guard try workshop.run(["bash", "-c", script]).status == 0 else { return }
        let words = [workshop.url("tools/bin/clang").path, "-fsanitize=address", "-O1", "-c", "a.c", "-o", "a.o"]
        let counted = try workshop.counting { for _ in 1...3 { try workshop.larder(words) } }
        #expect(counted.hits >= 1)
        let version = URL(fileURLWithPath: resources).lastPathComponent
        try workshop.write("fun:f\n", to: "tools/lib/clang/\(version)/share/asan_ignorelist.txt")
        try workshop.larder(words)
        let given = workshop.read("a.o")
        try workshop.run(words)
        #expect(given == workshop.read("a.o"))
    }
}
