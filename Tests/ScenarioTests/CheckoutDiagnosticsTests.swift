import Foundation
import TestSupport
import Testing

/// Warnings name the files of a checkout: another checkout hears them of its own files, or not at all from the cache.
@Suite struct CheckoutDiagnosticsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var header = "static inline int h(int x) { int unused; return x; }\n"
        var source = "int f(void) { return h(1); }\n"
        var words: [String] = []
        var isShared = true

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "a warning in a header"),
        Case(name: "in colour", words: ["-fdiagnostics-color=always"]),
        Case(name: "with debug information", words: ["-g"]),
        Case(name: "no broken lines, said so", words: ["-fmessage-length=0"]),
        // The length of a name decides where lines are broken.
        Case(name: "broken lines", words: ["-fmessage-length=60"], isShared: false),
        // A line that is shown holds the name of the first checkout.
        Case(
            name: "a text that names a checkout",
            source: "int f(void) { int unused2; return h(1); } // ROOT\n",
            isShared: false
        ),
        Case(
            name: "a number that comes from the length of a name",
            source: "char name[3] = __FILE__;\nint f(void) { return h(1); }\n",
            isShared: false
        ),
        Case(
            name: "a message that shows a name",
            source: "#define S(x) _Pragma(#x)\n#pragma message(__FILE__)\nint f(void) { return h(1); }\n",
            isShared: false
        ),
    ]

    @Test(arguments: ["gcc", "clang"], cases)
    func `what another checkout hears is what its compiler says`(compiler: String, given: Case) throws {
        let workshop = try Workshop()
        let trees = ["one", "another-with-a-longer-name"]
        for tree in trees {
            let source = "#include <h.h>\n" + given.source.replacing("ROOT", with: workshop.url("one").path)
            try workshop.write(source, to: "\(tree)/src/a.c")
            try workshop.write(given.header, to: "\(tree)/include/h.h")
            try workshop.write("", to: "\(tree)/.git/HEAD")
            try workshop.write("", to: "\(tree)/build/x")
        }
        func words(_ tree: String, _ more: [String] = []) -> [String] {
            let root = workshop.url(tree).path
            return [compiler] + more + ["-Wall", "-I\(root)/include"] + given.words
                + ["-c", "\(root)/src/a.c", "-o", "a.o"]
        }
        for (number, tree) in trees.enumerated() {
            let root = workshop.url(tree).path
            let bare = try workshop.run(words(tree, ["-ffile-prefix-map=\(root)=."]), in: "\(tree)/build")
            let object = workshop.read("\(tree)/build/a.o")
            workshop.remove("\(tree)/build/a.o")
            var outcome: Workshop.Outcome?
            let counted = try workshop.counting {
                outcome = try workshop.larder(
                    words(tree),
                    in: "\(tree)/build",
                    environment: ["LARDER_BASE_DIR": "auto"]
                )
            }
            #expect(outcome == bare)
            #expect(workshop.read("\(tree)/build/a.o") == object)
            if number == 1, given.isShared { #expect(counted.hits == 1) }
        }
        // Where it was made it is a hit in any case.
        let again = try workshop.counting {
            try workshop.larder(words("one"), in: "one/build", environment: ["LARDER_BASE_DIR": "auto"])
        }
        #expect(again.hits == 1)
    }
}
