internal import Files

/// The index that a compile leaves for editors, and in which SwiftPM finds the tests.
enum SwiftIndex {
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
