internal import Files

/// A catalogue of JDKs: distributions and the packages that they offer.
///
/// A value over the bytes of its document (see `CatalogFormat`), which it checked when it was made: packages are
/// decoded when they are asked for. Immutable, and safe to read from any thread.
package struct Catalog: Sendable {
    /// Where a catalogue comes from.
    package struct Origin: Sendable, Hashable {
        /// `mirror`, `foojay` or `import`.
        package var source: String
        /// The base URL of the source, or the name of an imported file.
        package var location: String
        /// The platform that it was narrowed to, or `all`.
        package var scope: String

        package init(source: String, location: String, scope: String = "all") {
            (self.source, self.location, self.scope) = (source, location, scope)
        }
    }

    /// What tells a server which state of a document we have.
    package struct Validators: Sendable, Hashable {
        package var entityTag = ""
        package var lastModified = ""

        package init(entityTag: String = "", lastModified: String = "") {
            (self.entityTag, self.lastModified) = (entityTag, lastModified)
        }

        package var isEmpty: Bool { entityTag.isEmpty && lastModified.isEmpty }
    }

    /// What one request was answered with.
    struct Part: Sendable {
        var url: String
        var validators: Validators
        /// Where its packages stand in ``bytes``, from the first line to the end of the last.
        var extent: Range<Int>
        var count: Int
    }

    /// The document.
    package let bytes: [UInt8]
    package let origin: Origin
    /// In the order of their names.
    package let distributions: [Distribution]
    /// How many packages there are.
    package var count: Int { lines.count }

    let parts: [Part]
    /// Where each package stands in ``bytes``, without the end of its line.
    private let lines: [Range<Int>]

    /// Why bytes are no catalogue.
    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String
    }

    /// Takes a document as it was stored; whatever is wrong with it, the whole of it is refused.
    package init(decoding document: [UInt8]) throws(Unreadable) {
        var scan = Scan()
        let failure = document.withUnsafeBytes { scan.read($0) }
        if let failure { throw Unreadable(description: failure) }
        guard let origin = scan.origin else { throw Unreadable(description: "it does not say where it comes from") }
        (bytes, self.origin, distributions) = (document, origin, scan.distributions)
        (parts, lines) = (scan.parts, scan.lines)
    }

    /// Calls `body` with each package in turn; the line is only valid during the call.
    func forEachLine(_ body: (PackageLine) -> Void) {
        bytes.withUnsafeBytes { bytes in
            var line = PackageLine(of: bytes)
            for range in lines where line.move(to: range) { body(line) }
        }
    }

    /// Every package, decoded.
    package var packages: [JDKPackage] {
        var found: [JDKPackage] = []
        found.reserveCapacity(count)
        forEachLine { found.append($0.package) }
        return found
    }

    /// Whether all packages for `platform` are in it, which stands for all platforms where it is nil.
    package func serves(_ platform: Platform?) -> Bool {
        platform?.isServed(by: origin.scope) ?? (origin.scope == "all")
    }

    /// The part that came from `url`.
    func part(from url: String) -> Part? { parts.first { $0.url == url } }
}

/// One pass over a document.
private struct Scan {
    var origin: Catalog.Origin?
    var distributions: [Distribution] = []
    var parts: [Catalog.Part] = []
    var lines: [Range<Int>] = []
    private var isEnded = false

    /// What is wrong with it, or nil.
    mutating func read(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.starts(with: CatalogFormat.magic) else { return "it is no catalogue of this version" }
        var line = PackageLine(of: bytes)
        var start = CatalogFormat.magic.count
        // 200 bytes a line is less than real ones have.
        lines.reserveCapacity(bytes.count / 200)
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            guard let end = ByteSearch.firstIndex(of: UInt8(ascii: "\n"), in: rest).map({ start + $0 }) else {
                return "its last line is cut off"
            }
            guard !isEnded else { return "it goes on behind its end" }
            let range = start..<end
            start = end + 1
            if bytes[range.lowerBound] == CatalogFormat.Tag.package {
                guard line.move(to: range), !parts.isEmpty else { return "a package in it is malformed" }
                lines.append(range)
                parts[parts.count - 1].extent = parts[parts.count - 1].extent.lowerBound..<start
                parts[parts.count - 1].count += 1
            } else if let failure = read(String(decoding: bytes[range], as: UTF8.self), next: start) {
                return failure
            }
        }
        return isEnded ? nil : "its end is missing"
    }

    /// A line that is no package's; `next` is where the following one begins.
    private mutating func read(_ line: String, next: Int) -> String? {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        switch (fields[0], fields.count) {
        case ("o", 4...): origin = Catalog.Origin(source: fields[1], location: fields[2], scope: fields[3])
        case ("d", 3...):
            distributions.append(
                Distribution(name: fields[1], displayName: fields[2], synonyms: Array(fields.dropFirst(3)))
            )
        case ("r", 4...):
            let validators = Catalog.Validators(entityTag: fields[2], lastModified: fields[3])
            parts.append(Catalog.Part(url: fields[1], validators: validators, extent: next..<next, count: 0))
        case ("e", 2...):
            guard Int(fields[1]) == lines.count else { return "it does not hold as many packages as it says" }
            isEnded = true
        default: return "a line in it is malformed"
        }
        return nil
    }
}
