extension Recorder {
    /// Binds the result to this checkout where a text names a file of it in full: elsewhere the same text means the same file.
    mutating func notePlaces(_ texts: [Content], _ scans: [SourceScan]) {
        let files = (request.forcedIncludes + [request.source]).map { HeaderSearch.directory(of: $0) }
        let given = (request.search.map(\.path) + files).map { $0 + [UInt8(ascii: "/")] }
        func areOfCheckout(_ named: Set<SourceScan.Inclusion>) -> Bool {
            named.contains { context.roots.split($0.name).mark != 0 }
        }
        if scans.contains(where: { areOfCheckout($0.inclusions) }) { holdsHereOnly = true }
        // A macro's text names a file only for an inclusion that is a macro.
        guard scans.contains(where: { $0.computesInclusion || !$0.namedInclusions.isEmpty }) else { return }
        if scans.contains(where: { $0.headerMacros.values.contains(where: areOfCheckout) }) { holdsHereOnly = true }
        // One whose name is put together from parts lies below no directory that the words name.
        for text in texts
        where context.roots.split(text.path).mark != 0 && !given.contains(where: { text.path.starts(with: $0) }) {
            holdsHereOnly = true
        }
    }
}
