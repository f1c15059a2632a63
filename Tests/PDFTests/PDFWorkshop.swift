import Foundation
import TestSupport
import Testing

/// A directory with PDF files and a cache of its own, in which `larder-pdf` runs as a user would run it.
final class PDFWorkshop: Sendable {
    let shop: Workshop

    static let program = Workshop.larder.deletingLastPathComponent().appendingPathComponent("larder-pdf").path
    static let hasPoppler = isInstalled("pdftotext") && isInstalled("pdfinfo") && isInstalled("pdffonts")
    static let hasQPDF = isInstalled("qpdf")

    init() throws { shop = try Workshop() }

    static func isInstalled(_ name: String) -> Bool {
        ["/usr/local/bin", "/usr/bin", "/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    func write(_ document: PDFDocument, to name: String) throws { try write(document.data, to: name) }

    func write(_ data: Data, to name: String) throws {
        let file = shop.url(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
        Workshop.waitUntilNobodyWrites(file)
    }

    @discardableResult
    func pdf(_ words: [String], environment: [String: String] = [:]) throws -> Workshop.Outcome {
        try shop.run([Self.program] + words, environment: environment)
    }

    @discardableResult
    func pdf(_ words: String..., environment: [String: String] = [:]) throws -> Workshop.Outcome {
        try pdf(words, environment: environment)
    }

    /// What pdftotext prints.
    func bare(_ words: String...) throws -> Workshop.Outcome { try shop.run(["pdftotext"] + words + ["-"]) }

    /// `metadata.cache_status` of a file.
    func cacheStatus(_ words: String..., environment: [String: String] = [:]) throws -> String {
        try metadata(words, environment: environment)["cache_status"] as? String ?? "none"
    }

    func metadata(_ words: [String], environment: [String: String] = [:]) throws -> [String: Any] {
        let outcome = try pdf(["json"] + words, environment: environment)
        let document = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
        return document?["metadata"] as? [String: Any] ?? [:]
    }

    /// What one call of a command counted: hits and misses of PDF files.
    func stats() throws -> (entries: Int, hits: Int, lookups: Int) {
        let json = try JSONSerialization.jsonObject(with: pdf("cache", "stats", "--json").output) as? [String: Any]
        func number(_ key: String) -> Int { json?[key] as? Int ?? -1 }
        return (number("entry_count"), number("hits"), number("total_accesses"))
    }

    /// Writes an executable file.
    func script(_ text: String, to name: String) throws {
        try shop.write("#!/bin/bash\n" + text, to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: shop.url(name).path)
    }

    /// Makes `name` an encrypted copy of `original`.
    func encrypt(_ original: String, as name: String, password: String) throws {
        let words = ["qpdf", "--encrypt", password, "owner", "256", "--", original, name]
        #expect(try shop.run(words).status == 0)
    }

    /// All files of the cache.
    func cacheFiles() -> [URL] {
        let names = FileManager.default.enumerator(atPath: shop.cache.path)?.compactMap { $0 as? String } ?? []
        return names.map { shop.cache.appendingPathComponent($0) }.filter {
            (try? FileManager.default.attributesOfItem(atPath: $0.path)[.type] as? FileAttributeType) == .typeRegular
        }
    }
}
