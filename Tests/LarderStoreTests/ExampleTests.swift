import Foundation
import LarderStore
import Testing

/// The example of the documentation, as it was built with the tests.
@Suite struct ExampleTests {
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
