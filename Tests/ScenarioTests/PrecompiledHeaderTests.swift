import Foundation
import TestSupport
import Testing

/// Precompiled headers of clang's that hold no times: fresh checkouts have other ones.
@Suite struct PrecompiledHeaderTests {
    private static let uses = [
        ["-include-pch", "x.pch", "-c", "a.c", "-o", "a.o"],
        ["-Xclang", "-include-pch", "-Xclang", "x.pch", "-MD", "-c", "a.c", "-o", "a.o"],
        ["-include-pch", "x.pch", "-S", "a.c", "-o", "a.o"],
    ]

    @Test(arguments: uses)
    func `without times it holds whatever the times are, and is another one for other text`(words: [String]) throws {
        let workshop = try Workshop()
        try workshop.write("#include \"y.h\"\nenum { X = Y };\n", to: "x.h")
        try workshop.write("#define Y 1\n", to: "y.h")
        try workshop.write("int a = X;\n", to: "a.c")
        let commands = [
            ["clang", "-x", "c-header", "-Xclang", "-fno-pch-timestamp", "x.h", "-o", "x.pch"], ["clang"] + words,
        ]
        func build(dueHits: Int) throws {
            let counted = try workshop.counting(dueHits: dueHits) {
                for command in commands {
                    try same(command, [:], workshop, outputs: [command[command.count - 1]])
                }
            }
            #expect(counted.hits == dueHits && counted.bypasses == 0, "\(counted)")
        }
        func touch(_ year: Int) throws { try workshop.run(["touch", "-d", "\(year)-01-01", "x.h", "y.h", "a.c"]) }
        try touch(2020)
        try build(dueHits: 0)
        try build(dueHits: 2)
        for year in [2010, 2022] {
            try touch(year)
            try build(dueHits: 2)
        }
        // clang compares sizes.
        try workshop.write("#define Y 1 \n", to: "y.h")
        try same(commands[1], [:], workshop)
        try build(dueHits: 0)
        try workshop.write("#define Y 2 \n", to: "y.h")
        try build(dueHits: 0)
        try build(dueHits: 2)
    }

    /// One that was made with times, and then one without, has the same name.
    @Test func `one with times in its place counts the times again`() throws {
        let workshop = try Workshop()
        try workshop.write("enum { X = 1 };\n", to: "x.h")
        try workshop.write("int a = X;\n", to: "a.c")
        let use = ["clang", "-include-pch", "x.pch", "-c", "a.c", "-o", "a.o"]
        for option in [["-Xclang", "-fno-pch-timestamp"], [], ["-Xclang", "-fno-pch-timestamp"], []] {
            let make = ["clang", "-x", "c-header"] + option + ["x.h", "-o", "x.pch"]
            try workshop.run(["touch", "-d", "2020-01-01", "x.h"])
            try same(make, [:], workshop, outputs: ["x.pch"])
            for _ in 0..<2 { try same(use, [:], workshop) }
            try workshop.run(["touch", "-d", "2021-01-01", "x.h"])
            for _ in 0..<2 { try same(use, [:], workshop) }
        }
    }
}
