import Files
import Foundation
import TestSupport
import Testing

@testable import Trace

/// What is read of precompiled headers that clang has made.
@Suite struct PrecompiledHeaderTests {
    private func make(_ words: [String], _ workshop: Workshop) throws -> [UInt8] {
        let outcome = try workshop.run(["clang", "-x", "c-header"] + words + ["-o", "out.pch"])
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return Array(try #require(workshop.read("out.pch")))
    }

    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write(
            "#include \"y.h\"\n#include <stdio.h>\n#include <stdlib.h>\nstruct x { int y; };\n",
            to: "x.h"
        )
        try workshop.write("int y(void);\n", to: "y.h")
        return workshop
    }

    @Test func `times are found, and that there are none`() throws {
        let workshop = try workshop()
        let path = Path(workshop.url("out.pch").path)
        #expect(PrecompiledHeader.holdsTimes(try make(["x.h"], workshop)))
        #expect(PrecompiledHeader.isOne(path) && PrecompiledHeader.holdsTimes(path))
        let plain = try make(["-Xclang", "-fno-pch-timestamp", "x.h"], workshop)
        #expect(!PrecompiledHeader.holdsTimes(plain))
        #expect(PrecompiledHeader.isOne(path) && !PrecompiledHeader.holdsTimes(path))
        // One of the files is of 1970: the time is 0 then, but those of the others are not.
        try workshop.run(["touch", "-d", "@0", "x.h"])
        #expect(PrecompiledHeader.holdsTimes(try make(["x.h"], workshop)))
        #expect(!PrecompiledHeader.isOne(Path(workshop.url("x.h").path)))
        #expect(!PrecompiledHeader.holdsTimes(Path(workshop.url("x.h").path)))
        #expect(!PrecompiledHeader.isOne(Path(workshop.url("none").path)))
    }

    /// The time of the one that it is built on is in it.
    @Test func `one that is built on another holds times`() throws {
        let workshop = try workshop()
        _ = try make(["-Xclang", "-fno-pch-timestamp", "x.h"], workshop)
        try workshop.run(["mv", "out.pch", "first.pch"])
        let words = ["-Xclang", "-fno-pch-timestamp", "-include-pch", "first.pch", "y.h"]
        #expect(PrecompiledHeader.holdsTimes(try make(words, workshop)))
    }

    @Test func `the least of one is read to its end`() {
        let example = PrecompiledHeader.example
        #expect(!PrecompiledHeader.holdsTimes(example))
        for end in 0..<38 { #expect(PrecompiledHeader.holdsTimes(Array(example[..<end])), "\(end)") }
    }

    @Test func `what is damaged holds times, as far as anybody can tell`() throws {
        let workshop = try workshop()
        let whole = try make(["x.h"], workshop)
        // It ends somewhere.
        for end in stride(from: 0, through: min(whole.count, 4000), by: 7) {
            #expect(PrecompiledHeader.holdsTimes(Array(whole[..<end])), "\(end)")
        }
        let plain = try make(["-Xclang", "-fno-pch-timestamp", "x.h"], workshop)
        for place in stride(from: 4, to: min(plain.count, 4000), by: 3) {
            var bytes = plain
            bytes[place] ^= 0xFF
            // Whatever it says: it comes back.
            _ = PrecompiledHeader.holdsTimes(bytes)
        }
    }
}
