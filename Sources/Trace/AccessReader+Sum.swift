internal import Files

/// What all notes together say.
extension AccessReader {
    mutating func finish() throws(Doubt) -> Accesses {
        accesses.programs = tree.started
        try addSearch()
        try finishOutputs()
        try finishReads()
        for (canonical, one) in seen where isOwn(canonical, at: .max) == nil && !isKernels(one.name) {
            guard let status = FileStatus.ofLink(Path(bytes: one.name)) else {
                // What was not allowed need not be there; what was seen and is gone has changed.
                if FileStatus.isAbsent(Path(bytes: one.name)) { throw Doubt(.inputChanged, one.name) }
                accesses.absences.insert(one.name)
                continue
            }
            let kind = status.kind == .symbolicLink ? FileStatus.of(Path(bytes: one.name))?.kind : status.kind
            if kind == .directory, one.isStat { accesses.directories.insert(one.name) }
            if kind == .regular || status.kind == .symbolicLink && one.isTimed,
                one.isTimed || (one.isStat && !accesses.contents.contains(one.name))
            {
                accesses.statuses.insert(one.name)
            } else {
                accesses.presences.insert(one.name)
            }
        }
        for (canonical, one) in absent where isOwn(canonical, at: .max) == nil {
            guard let missing = names.firstMissing(one.name) else {
                if made[canonical] != nil { continue }
                throw Doubt(.inputChanged, one.name)
            }
            accesses.absences.insert(missing)
        }
        for (canonical, name) in listed where isOwn(canonical, at: .max) == nil && !isKernels(name) {
            let own = made.keys.filter { PathNames.parent($0) == canonical }.map { Array(Path(bytes: $0).name) }
            accesses.listings[name] = Set(own)
            accesses.realPaths.insert(name)
        }
        for name in accesses.realPaths where isKernels(name) || isOwn(names.canonical(name), at: .max) != nil {
            accesses.realPaths.remove(name)
        }
        return accesses
    }

    /// What the loader would have found earlier, had it been there.
    mutating func addSearch() throws(Doubt) {
        for part in libraryPath.split(whereSeparator: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ";") })
        where part.first == UInt8(ascii: "/") { searched.insert(PathNames.tidy(Array(part))) }
        // Always in the same order: of several names of one place the last one stands for it.
        func sorted(_ names: Set<[UInt8]>) -> [[UInt8]] { names.sorted { $0.lexicographicallyPrecedes($1) } }
        // The processor's own ones come first (ld.so(8)).
        for directory in sorted(searched) {
            let own = directory + Array("/glibc-hwcaps".utf8)
            guard isOwn(names.canonical(own), at: .max) == nil, libraries.count > 0 else { continue }
            add(own)
            guard FileStatus.of(Path(bytes: own)) != nil else { continue }
            for level in ["v2", "v3", "v4"] { searched.insert(own + Array("/x86-64-\(level)".utf8)) }
        }
        add(Array("/etc/ld.so.preload".utf8))
        guard libraries.count * searched.count < 100_000 else { throw Doubt(.incompleteTrace) }
        let sought = sorted(libraries)
        for directory in sorted(searched) {
            let canonical = names.canonical(directory)
            guard isOwn(canonical, at: .max) == nil else { continue }
            for library in sought { add(directory + [UInt8(ascii: "/")] + library) }
        }
    }

    mutating func finishReads() throws(Doubt) {
        for (canonical, name) in touched where isOwn(canonical, at: .max) == nil {
            guard let status = FileStatus.of(Path(bytes: name)) else { throw Doubt(.modifiesInput, name) }
            guard status.identity.isSettled(before: launched) else { throw Doubt(.modifiesInput, name) }
            read[canonical, default: []].insert(name)
        }
        for (canonical, used) in read {
            if let state = made[canonical] {
                throw Doubt(state.isHere ? .modifiesInput : .removesFile, used.first ?? canonical)
            }
            for name in used where !isKernels(name) {
                guard let status = FileStatus.of(Path(bytes: name)) else { throw Doubt(.inputChanged, name) }
                switch status.kind {
                case .regular: accesses.contents.insert(name)
                case .directory:
                    accesses.presences.insert(name)
                    // What is opened there by its descriptor has its real name.
                    accesses.realPaths.insert(name)
                case .symbolicLink, .other: throw Doubt(.readsDevice, name)
                }
            }
        }
    }

    mutating func finishOutputs() throws(Doubt) {
        for (path, state) in made.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let isThere = FileStatus.ofLink(Path(bytes: path)) != nil
            if !state.isHere {
                if state.wasThere { throw Doubt(.removesFile, path) }
                // A directory there would have been in the way.
                if KnownPrograms.isUnfinishedModule(path) { accesses.absences.insert(path) }
                continue
            }
            // Below a directory of the tree's own it belongs to that one; what went with its directory is gone.
            let parent = PathNames.parent(path)
            if isOwn(parent, at: .max) != nil { continue }
            // One of ours has got its name by now.
            guard isThere || Leftover.maker(ofTemporary: Path(bytes: path).name) != nil else {
                throw Doubt(.inputChanged, path)
            }
            if state.isTemporary { throw Doubt(.leavesTemporary, path) }
            accesses.outputs.append(
                Accesses.Output(
                    path: path,
                    inode: state.inode,
                    isProbed: state.isProbed,
                    wasThere: state.wasThere,
                    isAddedTo: state.isAddedTo,
                    isEmptied: state.isEmptied
                )
            )
        }
    }
}
