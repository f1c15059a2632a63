internal import Files

/// What a compile may have read though no list names it.
extension Recorder {
    /// Adds what may have been read besides: everything that a search comes by from the files whose names are not known to
    /// be all, in every branch and every directory.
    ///
    /// More than what was read costs a look at each hit, and a miss one day. Where a text could lead to something that we do not
    /// see, or says something for which a result is refused, the compiler has to be asked: it may not have read it.
    mutating func close(
        _ search: inout HeaderSearch,
        _ texts: inout [Content],
        _ scans: inout [SourceScan],
        _ definitions: SourceScan
    ) throws(Refusal) {
        isGuessing = true
        search.isListed = false
        // What they add to the command line is not known.
        if listing != .all, toolchain.mayIncludeMore { throw .dependenciesUnknown }
        if listing == .user, scans.contains(where: \.computesFreely) { throw .dependenciesUnknown }
        let precompiled = search.precompiledHeaders.sorted { $0.lexicographicallyPrecedes($1) }
        for header in precompiled where !search.reach(Word(header.dropLast(4))) { throw .precompiledHeader }
        let macros = scans.reduce(into: Set<Word>()) { $0.formUnion($1.questionMacros) }
        // What the others include by the name of a macro is in the list.
        let listed = listing == .user ? 0 : scans.count
        var next = 0
        repeat {
            while next < search.reached.count {
                // Each path could be the one that leads elsewhere one day, so none of them can be left out.
                if search.isEndless { throw .dependenciesUnknown }
                let path = search.reached[next]
                next += 1
                let content = try read(path, scans: true, questionMacros: macros)
                guard let scan = content.scan else { throw .precompiledHeader }
                if scan.computesFreely || !scan.questionMacros.isSubset(of: macros) { throw .dependenciesUnknown }
                try check(scan, of: content)
                search.follow(scan, in: path, isSource: false)
                texts.append(content)
                scans.append(scan)
                // A text that is younger does not say what was compiled into the header, a date for example.
                for header in precompiled where !Self.isAsOld(header, as: path) { throw .precompiledHeader }
            }
            try followNamed(texts, scans, from: listed, areQuestions: false, &search)
        } while next < search.reached.count
        if next > 0 { try checkPasting(scans + [definitions]) }
        isGuessing = false
    }

    /// True when the text of a header is not younger than a precompiled one.
    static func isAsOld(_ precompiled: Word, as header: Word) -> Bool {
        guard let made = FileStatus.of(Path(bytes: precompiled)), let text = FileStatus.of(Path(bytes: header)) else {
            return false
        }
        return text.identity.modified <= made.identity.modified
    }
}
