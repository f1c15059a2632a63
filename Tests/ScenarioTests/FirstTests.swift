import Foundation
import TestSupport
import Testing

@Suite struct ManifestScenarios {
    @Test func `a header that goes from A to B and back to A hits its first result`() throws {
        let workshop = try Workshop()
        try workshop.write("#include \"a.h\"\nint x = X;\n", to: "a.c")
        try workshop.write("#define X 1\n", to: "a.h")
        let compile = ["gcc", "-c", "a.c", "-o", "a.o"]
        let first = try workshop.counting { try workshop.larder(compile) }
        #expect(first.misses == 1)
        let object = workshop.read("a.o")
        try workshop.write("#define X 2\n", to: "a.h")
        let second = try workshop.counting { try workshop.larder(compile) }
        #expect(second.misses == 1)
        #expect(workshop.read("a.o") != object)
        try workshop.write("#define X 1\n", to: "a.h")
        let third = try workshop.counting { try workshop.larder(compile) }
        #expect(third.hits == 1)
        #expect(workshop.read("a.o") == object)
    }
}
