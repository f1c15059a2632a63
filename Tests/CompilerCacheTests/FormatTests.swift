import CompilerCache
import Foundation
import Testing

/// What reaches the disk, or another process: the same bytes as ever for each version, and nothing else is taken for it.
@Suite struct FormatTests {
    private static let formats: [(name: String, example: [UInt8], isTaken: @Sendable ([UInt8]) -> Bool)] = {
        let examples = CompilerCache.ForeignBytes.examples()
        return [
            ("handover-10", examples.handover, CompilerCache.ForeignBytes.isHandover),
            ("manifest-2", examples.manifest, CompilerCache.ForeignBytes.isManifest),
            ("toolchain-1", examples.toolchain, CompilerCache.ForeignBytes.isToolchain),
        ]
    }()

    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Fixtures"
    )

    /// In lines of 32 bytes, so that a change shows where it is.
    private func text(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 32)
            .map { start in
                bytes[start..<min(start + 32, bytes.count)]
                    .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "\n"
            }
            .joined()
    }

    @Test(arguments: ["handover-10", "manifest-2", "toolchain-1"])
    func `the bytes are those of the golden file`(name: String) throws {
        let format = try #require(Self.formats.first { $0.name == name })
        let golden = Self.fixtures.appendingPathComponent("\(name).hex")
        if ProcessInfo.processInfo.environment["LARDER_UPDATE_GOLDEN"] != nil {
            try Data(text(format.example).utf8).write(to: golden)
        }
        #expect(try String(contentsOf: golden, encoding: .utf8) == text(format.example))
        #expect(format.isTaken(format.example))
    }

    @Test(arguments: ["handover-10", "manifest-2", "toolchain-1"])
    func `what is cut off is not taken, and what is changed is no crash`(name: String) throws {
        let format = try #require(Self.formats.first { $0.name == name })
        for end in format.example.indices {
            let isTaken = format.isTaken(Array(format.example[..<end]))
            // Lines of text that end earlier are lines of text; the entry around them knows its length.
            #expect(!isTaken || name == "toolchain-1", "\(end)")
        }
        for index in format.example.indices {
            var damaged = format.example
            damaged[index] ^= 0xFF
            _ = format.isTaken(damaged)
            for offset in 0..<4 where index + offset < damaged.count { damaged[index + offset] = 0xFF }
            _ = format.isTaken(damaged)
        }
    }
}
