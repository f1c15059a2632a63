import Foundation
import TestSupport
import Testing

/// What a base directory does to the user's own commands.
@Suite struct BaseDirectoryTests {
    @Test(arguments: ["gcc", "clang"])
    func `with a base directory the object is that of a prefix map`(compiler: String) throws {
        let workshop = try Workshop()
        let base = workshop.url("checkout").path
        try workshop.write("const char *name = __FILE__;\nint f(int x) { return x; }\n", to: "checkout/a.c")
        let compile = [compiler, "-g", "-c", "\(base)/a.c", "-o", "\(base)/a.o"]
        try workshop.run([compiler, "-g", "-ffile-prefix-map=\(base)=."] + compile.dropFirst(2), in: "checkout")
        let mapped = workshop.read("checkout/a.o")
        try workshop.run(compile, in: "checkout")
        let bare = workshop.read("checkout/a.o")
        #expect(mapped != bare)
        for _ in 0..<2 {
            workshop.remove("checkout/a.o")
            try workshop.larder(compile, in: "checkout", environment: ["LARDER_BASE_DIR": base])
            #expect(workshop.read("checkout/a.o") == mapped)
            workshop.remove("checkout/a.o")
            try workshop.larder(compile, in: "checkout")
            #expect(workshop.read("checkout/a.o") == bare)
        }
    }

    @Test(arguments: ["gcc", "clang"])
    func `a list of the checkouts' own directories lets them share`(compiler: String) throws {
        let workshop = try Workshop()
        let list = ["one", "two"].map { workshop.url($0).path }.joined(separator: ":")
        var objects: Set<Data> = []
        for name in ["one", "two", "one"] {
            try workshop.write("int f(int x) { return x; }\n", to: "\(name)/a.c")
            let counted = try workshop.counting {
                try workshop.larder([compiler, "-g", "-c", "a.c"], in: name, environment: ["LARDER_BASE_DIR": list])
            }
            #expect(counted.hits == (objects.isEmpty ? 0 : 1))
            objects.insert(try #require(workshop.read("\(name)/a.o")))
        }
        #expect(objects.count == 1)
    }

    @Test func `config says what a base directory adds`() throws {
        let workshop = try Workshop()
        let with = try workshop.larder(["config"], environment: ["LARDER_BASE_DIR": "/src/p"]).outputText
        let lines = with.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        let row = try #require(lines.firstIndex { $0.hasPrefix("base_dir /src/p") })
        #expect(lines[row + 1] == "adds -ffile-prefix-map=/src/p=. to each compile")
        #expect(!(try workshop.larder(["config"]).outputText.contains("prefix-map")))
        #expect(try workshop.larder(["config", "--help"]).outputText.contains("-ffile-prefix-map=DIR=."))
    }
}
