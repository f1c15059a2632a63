/// A catalogue in the making.
package struct CatalogDraft: Sendable {
    /// Packages that came together.
    package struct Part: Sendable {
        /// Where they come from.
        package var url: String
        package var validators: Catalog.Validators
        /// The lines of the packages.
        fileprivate var lines: [UInt8]
        fileprivate var names: Set<String>
        package fileprivate(set) var count: Int

        /// A part of `packages`; those that have no version, no distribution or no name are left out.
        package init(url: String, validators: Catalog.Validators = .init(), packages: some Sequence<JDKPackage>) {
            (self.url, self.validators) = (url, validators)
            (lines, names, count) = ([], [], 0)
            for item in packages where !item.distribution.isEmpty && JDKVersion(item.javaVersion) != nil {
                lines += Array(CatalogFormat.line(of: item).utf8)
                names.insert(CatalogFormat.field(item.distribution))
                count += 1
            }
        }

        /// The part that `catalog` has from `url`, as it is; nil where it has none.
        init?(of catalog: Catalog, from url: String) {
            guard let part = catalog.part(from: url) else { return nil }
            (self.url, validators, count) = (url, part.validators, part.count)
            lines = Array(catalog.bytes[part.extent])
            var names: Set<String> = []
            catalog.bytes.withUnsafeBytes { bytes in
                var line = PackageLine(of: bytes)
                for text in bytes[part.extent].split(separator: UInt8(ascii: "\n"))
                where line.move(to: text.startIndex..<text.endIndex) { names.insert(line[.distribution]) }
            }
            self.names = names
        }
    }

    package var origin: Catalog.Origin
    /// Those that have no package may stand here, too.
    package var distributions: [Distribution]
    package var parts: [Part] = []

    package init(origin: Catalog.Origin, distributions: [Distribution] = []) {
        (self.origin, self.distributions) = (origin, distributions)
    }

    /// How many packages there are.
    package var count: Int { parts.reduce(0) { $0 + $1.count } }

    /// The catalogue.
    package func finished() throws(Catalog.Unreadable) -> Catalog {
        func line(_ fields: [String]) -> [UInt8] {
            Array((fields.map(CatalogFormat.field).joined(separator: "\t") + "\n").utf8)
        }
        var known = Dictionary(distributions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for name in parts.flatMap(\.names) where known[name] == nil { known[name] = KnownDistributions.named(name) }

        var document = CatalogFormat.magic
        document.reserveCapacity(parts.reduce(1 << 16) { $0 + $1.lines.count })
        document += line(["o", origin.source, origin.location, origin.scope])
        for item in known.values.sorted(by: { $0.name < $1.name }) {
            document += line(["d", item.name, item.displayName] + item.synonyms)
        }
        for part in parts {
            document += line(["r", part.url, part.validators.entityTag, part.validators.lastModified])
            document += part.lines
        }
        document += line(["e", "\(count)"])
        return try Catalog(decoding: document)
    }
}
