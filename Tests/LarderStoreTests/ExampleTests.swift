import Foundation
import LarderStore
import Testing

/// The example of the documentation, as it was built with the tests.
@Suite struct ExampleTests {
    @Test func `the tutorial ends with the example, in twenty lines, and grows line by line`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        func lines(_ path: String) throws -> [String] {
            try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8).split(separator: "\n")
                .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.hasPrefix("//") }
        }
        let example = try lines("Examples/word-count/main.swift")
        #expect(example.count <= 22)
        let resources = "Sources/LarderStore/LarderStore.docc/Resources/word-count-"
        #expect(try lines(resources + "5.swift") == example)
        for step in 2...4 {
            let (now, next) = (try lines(resources + "\(step).swift"), try lines(resources + "\(step + 1).swift"))
            #expect(now.count < next.count, "step \(step)")
            // What counts and prints changes its place and form; the rest stays.
            let kept = now.filter { !$0.contains("words") && !$0.contains("print(") }
            #expect(kept.allSatisfy { next.contains($0) }, "step \(step)")
        }
    }

    @Test func `the example counts each content once, in whatever process and under whatever name`() throws {
        let scratch = try Scratch()
        let program = URL(fileURLWithPath: CommandLine.arguments[0])
            .resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("word-count")
        func count(_ names: [String]) throws -> String {
            let process = Process()
            process.executableURL = program
            process.arguments = names.map { scratch.path.appending($0).description }
            process.environment = ["WORD_COUNT_CACHE": scratch.path.appending("cache").description]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            return text.replacingOccurrences(of: scratch.path.description + "/", with: "")
        }
        try write(Array("one two\nthree ".utf8), to: scratch.path.appending("a"))
        try write(Array("one two\nthree ".utf8), to: scratch.path.appending("b"))
        try write([], to: scratch.path.appending("empty"))
        #expect(try count(["a", "empty"]) == "3 words in a, counted\n0 words in empty, counted\n")
        #expect(try count(["b", "empty"]) == "3 words in b, from the cache\n0 words in empty, from the cache\n")
        #expect(scratch.store().usage().entries == 2)
        #expect(Journal(at: scratch.store().directory).statistics().hits == 2)
    }
}
