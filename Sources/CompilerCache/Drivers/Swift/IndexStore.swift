internal import Files

/// The index that a compile leaves for editors, and in which SwiftPM finds the tests.
enum IndexStore {
    /// True where the user, or `larder swift`, can do without what a hit does not add to it.
    static var isSkipped: Bool { Environment.value("LARDER_SWIFT_INDEX").map { $0.equals("skip") } ?? false }

    /// A command line of clang without the index: nothing but Swift's tests is looked up there.
    static func without(_ arguments: [Word]) -> [Word] {
        guard arguments.contains(where: { $0.equals("-index-store-path") }), isSkipped else { return arguments }
        var kept: [Word] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word.equals("-index-store-path") { _ = rest.popFirst() } else { kept.append(word) }
        }
        return kept
    }

    /// True where the index knows a compile of one of the outputs, or of a file of the same name.
    ///
    /// Its units are called by the output's last name and a digest of the whole: `<store>/v5/units/A.swift.o-1X2Y3Z`.
    static func hasUnits(of outputs: [DriverRequest.Output], in store: Word) -> Bool {
        let names = outputs.map { Word($0.path.lastComponent) + [UInt8(ascii: "-")] }
        let store = Path(bytes: store)
        for version in (try? Directory.names(in: store)) ?? [] {
            let units = store.appending(bytes: Array(version)).appending("units")
            for unit in (try? Directory.names(in: units)) ?? [] where names.contains(where: { unit.starts(with: $0) }) {
                return true
            }
        }
        return false
    }
}
