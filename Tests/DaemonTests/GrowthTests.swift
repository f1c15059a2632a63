import CompilerCache
import Files
import LarderStore
import TestSupport
import Testing

/// What is read of what compilers and people write takes time in proportion to its length.
@Suite struct GrowthTests {
    private typealias TextReader = (name: String, read: @Sendable ([UInt8]) -> Void)

    private static let readers: [TextReader] = CompilerCache.ForeignBytes.texts() + others

    private static let others: [TextReader] = [
        ("JSON", { _ = try? JSONReader.value(of: $0) }),
        ("settings", { _ = (try? SettingsFile($0, at: "larder.conf"))?.ignoredLines }),
        ("handover", { _ = CompilerCache.ForeignBytes.isHandover($0) }),
        ("manifest", { _ = CompilerCache.ForeignBytes.isManifest($0) }),
    ]

    @Test(arguments: readers.map(\.name))
    func `a text of four times the length takes far less than its square`(name: String) throws {
        let reader = try #require(Self.readers.first { $0.name == name })
        for pattern in Growth.patterns {
            let factor = Growth.factor(pattern.text, reader.read)
            #expect(factor < 8, "\(name) of \(pattern.name): \(factor)")
        }
    }
}
