internal import LarderStore

/// A document that somebody brings by hand: what a source would have sent, or a catalogue of Larder or of kopi.
package enum ImportedDocument {
    /// What ``catalog(_:named:)`` takes, for messages.
    package static let accepted =
        "an answer of the foojay API (an object with \"result\"), a file of a mirror (an array of packages), "
        + "kopi's metadata.json, or a catalogue that Larder wrote"

    /// Why a document cannot be imported: one sentence without a full stop.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The catalogue in `bytes`; `name` says in it where it came from.
    package static func catalog(_ bytes: [UInt8], named name: String) throws(Failure) -> Catalog {
        do throws(Catalog.Unreadable) {
            if bytes.starts(with: CatalogFormat.magic) { return try Catalog(decoding: bytes) }
        } catch { throw Failure(description: error.description) }
        let (packages, distributions): ([JDKPackage], [Distribution])
        do throws(JSONReader.Failure) {
            (packages, distributions) = try content(bytes)
        } catch { throw Failure(description: "it is no JSON that can be read: \(error)") }
        var draft = CatalogDraft(origin: Catalog.Origin(source: "import", location: name), distributions: distributions)
        draft.parts = [CatalogDraft.Part(url: name, packages: packages)]
        guard draft.count > 0 else { throw Failure(description: "it holds no packages; it must be \(accepted)") }
        do throws(Catalog.Unreadable) {
            return try draft.finished()
        } catch { throw Failure(description: error.description) }
    }

    private static func content(_ bytes: [UInt8]) throws(JSONReader.Failure) -> ([JDKPackage], [Distribution]) {
        var packages: [JDKPackage] = []
        if try JSONReader.forEachElement(
            of: bytes,
            in: "result",
            { item in
                if let package = FoojayMessages.package(item) { packages.append(package) }
            }
        ) {
            return (packages, [])
        }
        if try JSONReader.forEachElement(
            of: bytes,
            in: nil,
            { item in
                if let package = MirrorMessages.package(item) ?? FoojayMessages.package(item) {
                    packages.append(package)
                }
            }
        ) {
            return (packages, [])
        }
        var distributions: [Distribution] = []
        for (name, entry) in try JSONReader.value(of: bytes)["distributions"]?.members ?? [:] {
            distributions.append(Distribution(name: name, displayName: entry["display_name"]?.text ?? ""))
            packages += (entry["packages"]?.elements ?? []).compactMap { MirrorMessages.package($0, named: name) }
        }
        return (packages, distributions)
    }
}
