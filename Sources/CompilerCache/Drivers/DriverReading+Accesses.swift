internal import Files
internal import Trace

extension DriverReading {
    /// Adds all that a run was seen to read and to look for; false where it did more than that.
    mutating func add(_ accesses: Accesses) -> Bool {
        guard accesses.outputs.isEmpty, !accesses.asksDate,
            accesses.listings.values.allSatisfy(\.isEmpty)
        else { return false }
        func sorted(_ words: some Sequence<Word>) -> [Word] { words.sorted { $0.lexicographicallyPrecedes($1) } }
        files += sorted(accesses.contents)
        for path in sorted(accesses.statuses.union(accesses.presences)) {
            // The terminal, say: its times are nobody's business.
            if FileStatus.of(Path(bytes: path))?.kind == .other {
                present.append(path)
            } else {
                attributes.append(path)
            }
        }
        absent += sorted(accesses.absences)
        entries += sorted(accesses.listings.keys)
        realPaths += sorted(accesses.realPaths)
        searched += sorted(accesses.directories)
        variables += sorted(accesses.variables)
        return true
    }
}
