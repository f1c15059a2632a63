internal import Files

/// Works out from the notes of a run what it read, looked for and made.
///
/// Notes are taken in the order in which room was reserved for them. A read reserves before it happens and a write is over
/// at its `end`, so a read whose place is not below that end comes after it for certain; where the order is open, the read
/// counts as the earlier one, and what it read is gone: a doubt.
package struct AccessReader {
    /// A name that the tree has made, or removed.
    struct Made {
        var isHere: Bool
        var isDirectory = false
        var isLink = false
        var isTemporary = false
        var wasThere: Bool
        var inode: UInt64 = 0
        var end: UInt64
        var isProbed = false
        var isAddedTo = false
        var isEmptied = false
    }

    var names = PathNames()
    var tree = ProcessTree()
    var accesses = Accesses()
    var made: [[UInt8]: Made] = [:]
    /// What was there before and was read, looked at, looked for or listed: canonical name to the names that were used.
    var read: [[UInt8]: Set<[UInt8]>] = [:]
    var seen: [[UInt8]: (name: [UInt8], isTimed: Bool, isStat: Bool)] = [:]
    var absent: [[UInt8]: (name: [UInt8], counts: Bool)] = [:]
    var listed: [[UInt8]: [UInt8]] = [:]
    /// What was opened for writing but not emptied; it has not changed unless its time says so.
    var touched: [[UInt8]: [UInt8]] = [:]
    var calls: [String: Int] = [:]
    let launched: Int64
    let libraryPath: [UInt8]
    let trustsClock: Bool
    let seesArchives: Bool
    let ownPrograms: Set<String>

    private init(
        launched: Int64,
        libraries: [UInt8],
        trustsClock: Bool,
        seesArchives: Bool,
        ownPrograms: Set<String>
    ) {
        (self.launched, libraryPath) = (launched, libraries)
        (self.trustsClock, self.seesArchives, self.ownPrograms) = (trustsClock, seesArchives, ownPrograms)
    }

    /// What `notes` say; throws where that is not everything.
    ///
    /// - Parameters:
    ///   - launched: when the command was started, by the clock that stamps files.
    ///   - libraries: `LD_LIBRARY_PATH` as the command had it.
    ///   - trustsClock: whether the user says that neither time nor chance matters.
    ///   - seesArchives: whether an archive that holds times is among the outputs, where ``ArchiveTimes`` finds it.
    ///   - ownPrograms: names of programs of which somebody else knows what they do: only what others do is of interest, and
    ///     their random numbers are seeds of hash tables.
    package static func accesses(
        in notes: [Note],
        launched: Int64,
        libraries: [UInt8] = Environment.value("LD_LIBRARY_PATH") ?? [],
        trustsClock: Bool = false,
        seesArchives: Bool = false,
        ownPrograms: Set<String> = []
    ) throws(Doubt) -> Accesses {
        var reader = AccessReader(
            launched: launched,
            libraries: libraries,
            trustsClock: trustsClock,
            seesArchives: seesArchives,
            ownPrograms: ownPrograms
        )
        for note in notes { try reader.take(note) }
        try reader.tree.finish()
        return try reader.finish()
    }

    // MARK: - One note

    mutating func take(_ note: Note) throws(Doubt) {
        try tree.take(note)
        if isByOwnProgram(note), note.call != .exec, note.call != .spawn { return }
        if note.flags.contains(.unplaced) { throw Doubt(.incompleteTrace, note.first) }
        if isThroughProcess(note.first), note.call != .readlink { throw Doubt(.readsSystem, note.first) }
        if !note.hasEnded, note.call != .exec { throw Doubt(.incompleteTrace, tree.program(of: note.process)) }
        switch note.call {
        case .hello: searchBesides(note)
        case .fork, .listed: break
        case .chdir: try entered(note)
        case .object: try object(note)
        case .load: load(note)
        case .exec, .spawn: try started(note)
        case .open: try opened(note)
        case .list: try lookedAt(note) { (reader, canonical, name) in reader.listed[canonical] = name }
        case .stat, .access, .readlink, .realpath: try looked(note)
        case .rename, .link, .symlink, .unlink, .mkdir, .rmdir, .special, .change, .temporary: try wrote(note)
        case .variable: accesses.variables.insert(note.first)
        case .clock, .random: try asked(note)
        case .socket:
            throw Doubt(.connection, tree.program(of: note.process) + (note.second.isEmpty ? [] : [0x20] + note.second))
        case .terminal:
            if note.first == [UInt8(ascii: "0")] {
                accesses.asksTerminal = true
            } else if !isCompilers(note) {
                accesses.asksStreams = true
            }
        case .host: if !KnownPrograms.asksForMachine(tree.program(of: note.process)) { accesses.asksHost = true }
        case .names: for path in ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf"] { add(Array(path.utf8)) }
        case .unfollowed: throw Doubt(.unfollowedCall, tree.program(of: note.process) + [0x20] + note.first)
        }
    }

    private func isByOwnProgram(_ note: Note) -> Bool {
        guard !ownPrograms.isEmpty else { return false }
        return ownPrograms.contains(String(decoding: Path(bytes: tree.program(of: note.process)).name, as: UTF8.self))
    }

    /// A file that libc or the loader has read, if it is there.
    mutating func add(_ path: [UInt8]) {
        let canonical = names.canonical(PathNames.tidy(path))
        if FileStatus.ofLink(Path(bytes: path)) == nil {
            absent[canonical] = (PathNames.tidy(path), true)
        } else {
            read[canonical, default: []].insert(PathNames.tidy(path))
        }
    }

    mutating func asked(_ note: Note) throws(Doubt) {
        if note.first.starts(with: "localtime".utf8) || note.first.starts(with: "mktime".utf8) {
            add(Array("/etc/localtime".utf8))
        }
        if note.call == .random, !ownPrograms.isEmpty { return }
        try count(note, note.first, note.call == .clock ? .readsClock : .readsRandom)
    }

    /// Refuses more calls than the program makes for itself.
    mutating func count(_ note: Note, _ function: [UInt8], _ cause: Doubt.Cause) throws(Doubt) {
        let program = tree.program(of: note.process)
        if AssemblyDate.isAskedFor(by: program, function) {
            accesses.asksDate = !trustsClock
            return
        }
        let key = "\(note.process) " + String(decoding: program + [0x20] + function, as: UTF8.self)
        calls[key, default: 0] += 1
        guard !trustsClock, calls[key, default: 0] > KnownPrograms.ownCalls(program, function) else { return }
        throw Doubt(cause, program + [0x20] + function)
    }

    mutating func object(_ note: Note) throws(Doubt) {
        guard !note.first.isEmpty else { return try search(note) }
        guard note.second.isEmpty else { return try search(note) }
        // Our own library is no part of the command.
        guard !Path(bytes: note.first).name.elementsEqual("liblarder-trace.so".utf8) else { return }
        try reads(PathNames.tidy(note.first), note)
        libraries.insert(Array(Path(bytes: note.first).name))
    }

    var libraries: Set<[UInt8]> = []
    var searched: Set<[UInt8]> = []

    /// Takes note of where an object has its libraries looked for.
    mutating func search(_ note: Note) throws(Doubt) {
        let object = note.first.isEmpty ? tree.program(of: note.process) : note.first
        let origin = Path(bytes: object).parent
        for part in note.second.split(separator: UInt8(ascii: ":")) {
            var text = String(decoding: part, as: UTF8.self)
            for variable in ["$ORIGIN", "${ORIGIN}"] where text.hasPrefix(variable) {
                text = "\(origin)" + text.dropFirst(variable.count)
            }
            if text.hasPrefix("/"), !text.contains("$") { searched.insert(PathNames.tidy(Array(text.utf8))) }
        }
    }

    /// Directories of `LD_LIBRARY_PATH` that are relative to where a program is started; an empty name is that place itself.
    mutating func searchBesides(_ note: Note) {
        guard !libraryPath.isEmpty else { return }
        let isSeparator = { (byte: UInt8) in byte == UInt8(ascii: ":") || byte == UInt8(ascii: ";") }
        for part in libraryPath.split(omittingEmptySubsequences: false, whereSeparator: isSeparator)
        where part.first != UInt8(ascii: "/") {
            searched.insert(PathNames.tidy(note.second + [UInt8(ascii: "/")] + part))
        }
    }

    /// The working directory has become another one, or has not: what is opened there has its real name.
    mutating func entered(_ note: Note) throws(Doubt) {
        try looked(note)
        let name = PathNames.tidy(note.first)
        if note.error == 0, isOwn(names.canonical(name), at: note.place) != true { accesses.realPaths.insert(name) }
    }

    mutating func load(_ note: Note) {
        if note.first.first == UInt8(ascii: "/") {
            add(PathNames.tidy(note.first))
        } else {
            libraries.insert(note.first)
        }
    }

    mutating func started(_ note: Note) throws(Doubt) {
        let name = PathNames.tidy(note.first)
        if note.hasEnded, note.error != 0 { return failed(note, name) }
        accesses.startedNames.insert(Array(Path(bytes: name).name))
        for path in ProcessTree.interpreters(of: name) {
            // It is relative to wherever the script is called.
            guard path.first == UInt8(ascii: "/") else { throw Doubt(.untracedProgram, name) }
            try reads(PathNames.tidy(path), note)
        }
    }

    // MARK: - Looking and reading

    /// Whether the tree has made what has this name, at that place of the log: nil where it has not, false where that is open.
    func isOwn(_ canonical: [UInt8], at place: UInt64) -> Bool? {
        if let state = made[canonical] { return state.isHere ? place >= state.end : nil }
        var path = canonical
        while path.count > 1 {
            path = PathNames.parent(path)
            if let state = made[path], state.isHere, state.isDirectory { return place >= state.end }
        }
        return nil
    }

    /// True for what a compiler does, to which nothing matters that lies where it writes.
    func isCompilers(_ note: Note) -> Bool {
        let program = tree.program(of: note.process)
        return KnownPrograms.ignoreTimes(program) && (seesArchives || !KnownPrograms.isArchiver(program))
    }

    func isKernels(_ name: [UInt8]) -> Bool {
        name.starts(with: "/proc/".utf8) || name.starts(with: "/sys/".utf8)
    }

    mutating func reads(_ name: [UInt8], _ note: Note) throws(Doubt) {
        let canonical = names.canonical(name)
        switch isOwn(canonical, at: note.place) {
        case true?:
            // Through a link of its own it may have read what is not.
            guard made[canonical]?.isLink == true, let real = Directory.realPath(Path(bytes: canonical)),
                Array(real.bytes) != canonical
            else { return }
            try reads(Array(real.bytes), note)
        case false?: throw Doubt(.modifiesInput, name)
        case nil: read[canonical, default: []].insert(name)
        }
    }

    mutating func lookedAt(
        _ note: Note,
        _ body: (inout AccessReader, [UInt8], [UInt8]) -> Void
    ) throws(Doubt) {
        let name = PathNames.tidy(note.first)
        guard note.error == 0 else { return failed(note, name) }
        let canonical = names.canonical(name)
        guard isOwn(canonical, at: note.place) != true else { return }
        meet(name, canonical)
        body(&self, canonical, name)
    }

    mutating func looked(_ note: Note) throws(Doubt) {
        let (call, isCompiler) = (note.call, isCompilers(note))
        let isTimed = call == .stat && !isCompiler
        try lookedAt(note) { (reader, canonical, name) in
            if call == .realpath { reader.accesses.realPaths.insert(name) }
            let old = reader.seen[canonical]
            reader.seen[canonical] = (name, isTimed || old?.isTimed ?? false, call == .stat || old?.isStat ?? false)
            // Whether its own output is there already is nothing to a compiler.
            if !isCompiler { reader.probed.insert(canonical) }
        }
    }

    /// The name under which each place was met first.
    private var firstNames: [[UInt8]: [UInt8]] = [:]
    /// The directories of places that were met under several names.
    private var metParents: Set<[UInt8]> = []

    /// Names that were looked at before the tree made something there.
    var probed: Set<[UInt8]> = []

    /// A call that did not find what it was about, or was not allowed to.
    mutating func failed(_ note: Note, _ name: [UInt8]) {
        // EINTR and the like say nothing of the file; EEXIST and others say that it is there.
        let canonical = names.canonical(name)
        guard isOwn(canonical, at: note.place) == nil else { return }
        meet(name, canonical)
        let isCompiler = isCompilers(note)
        // It may be the name itself that is no directory.
        let isFile = note.error == SystemError.notDirectory && FileStatus.ofLink(Path(bytes: name)) != nil
        if !isFile, note.error == SystemError.noEntry || note.error == SystemError.notDirectory {
            guard made[canonical] == nil else { return }
            let counts = !isCompiler || absent[canonical]?.counts ?? false
            absent[canonical] = (name, counts)
        } else {
            let old = seen[canonical]
            seen[canonical] = (name, old?.isTimed ?? false, old?.isStat ?? false)
            if !isCompiler { probed.insert(canonical) }
        }
    }

    /// A name that a call may have failed for.
    mutating func missed(_ name: [UInt8], _ note: Note) {
        let canonical = names.canonical(name)
        guard isOwn(canonical, at: note.place) == nil, made[canonical] == nil else { return }
        meet(name, canonical)
        if FileStatus.ofLink(Path(bytes: name)) == nil {
            absent[canonical] = (name, true)
        } else {
            seen[canonical] = (name, seen[canonical]?.isTimed ?? false, seen[canonical]?.isStat ?? false)
            probed.insert(canonical)
        }
    }

    // MARK: - Writing

    /// The file that was opened last, if that was the first time.
    private var lastOpened: (process: UInt32, canonical: [UInt8])?

    /// True for a file that a linker has opened only so that its room is freed later than its name.
    private func isOpenedToRemove(_ canonical: [UInt8], _ note: Note) -> Bool {
        guard let lastOpened, lastOpened == (note.process, canonical) else { return false }
        return KnownPrograms.opensWhatItRemoves(tree.program(of: note.process))
    }

    mutating func opened(_ note: Note) throws(Doubt) {
        let name = PathNames.tidy(note.first)
        guard note.error == 0 else { return failed(note, name) }
        if try isSpecial(name, note) { return }
        var canonical = names.canonical(name)
        let flags = OpenKind(note.more)
        guard flags.writes else {
            lastOpened = read[canonical] == nil ? (note.process, canonical) : nil
            noteStatus(of: name, canonical, note)
            return try reads(name, note)
        }
        noteWay(to: name, canonical)
        // What is written is what a link leads to.
        if made[canonical]?.isLink ?? (FileStatus.ofLink(Path(bytes: canonical))?.kind == .symbolicLink),
            let real = Directory.realPath(Path(bytes: canonical))
        {
            // Where the link leads, by others maybe, decides where it is written.
            if made[canonical] == nil {
                accesses.realPaths.insert(name)
                seen[canonical] = (name, seen[canonical]?.isTimed ?? false, seen[canonical]?.isStat ?? false)
            }
            canonical = Array(real.bytes)
        }
        if isOwn(canonical, at: note.place) != nil {
            made[canonical]?.inode = note.value
            return
        }
        if !note.flags.contains(.existed) || made[canonical] != nil {
            var state = Made(isHere: true, wasThere: false, inode: note.value, end: note.end)
            if let old = made[canonical] { (state.wasThere, state.isAddedTo) = (old.wasThere, old.isAddedTo) }
            // Had something been there, it would have been added to.
            if flags.keeps, made[canonical] == nil { state.isAddedTo = true }
            if flags.makesNew, made[canonical] == nil, !isCompilers(note) { state.isAddedTo = true }
            return make(canonical, note, state)
        }
        if flags.empties {
            if read[canonical] != nil { throw Doubt(.modifiesInput, name) }
            var state = Made(isHere: true, wasThere: true, inode: note.value, end: note.end, isEmptied: true)
            state.isProbed = flags.makesNone
            return make(canonical, note, state)
        }
        meet(name, canonical)
        touched[canonical] = name
    }

    /// Whoever has a file open may ask for its mode and its times without naming it again: fstat(2) is not noted.
    mutating func noteStatus(of name: [UInt8], _ canonical: [UInt8], _ note: Note) {
        guard !isCompilers(note), isOwn(canonical, at: note.place) == nil else { return }
        let old = seen[canonical]
        meet(name, canonical)
        let isTimed = KnownPrograms.packTimes(tree.program(of: note.process))
        seen[canonical] = (name, isTimed || old?.isTimed ?? false, old?.isStat ?? false)
    }

    /// Takes note of a name of a place.
    ///
    /// Of several names one is kept. The others mean that place as long as their directories lead where they do now.
    mutating func meet(_ name: [UInt8], _ canonical: [UInt8]) {
        guard let first = firstNames[canonical] else {
            firstNames[canonical] = name
            return
        }
        guard first != name else { return }
        for parent in [PathNames.parent(first), PathNames.parent(name)] where metParents.insert(parent).inserted {
            var there = parent
            while there.count > 1, FileStatus.of(Path(bytes: there)) == nil { there = PathNames.parent(there) }
            guard let real = Directory.realPath(Path(bytes: there)) else { continue }
            if !real.bytes.elementsEqual(PathNames.lexical(there)) { accesses.realPaths.insert(there) }
        }
    }

    /// Where the directory leads in which something is made decides where that is.
    mutating func noteWay(to name: [UInt8], _ canonical: [UInt8]) {
        let parent = PathNames.parent(name)
        if parent != PathNames.parent(canonical) { accesses.realPaths.insert(parent) }
    }

    mutating func make(_ canonical: [UInt8], _ note: Note, _ state: Made) {
        var state = state
        let isProbed = probed.contains(canonical) || absent[canonical]?.counts ?? false
        state.isProbed = state.isProbed || made[canonical]?.isProbed ?? false || isProbed
        made[canonical] = state
    }

    mutating func wrote(_ note: Note) throws(Doubt) {
        let name = PathNames.tidy(note.first)
        guard note.error == 0 else {
            failed(note, name)
            // It may have been about the other name.
            if !note.second.isEmpty { missed(PathNames.tidy(note.second), note) }
            return
        }
        let canonical = names.canonical(name)
        let isOwn = isOwn(canonical, at: note.place) != nil
        noteWay(to: name, canonical)
        switch note.call {
        case .change:
            if !isOwn, !name.starts(with: "/dev/".utf8), !name.starts(with: "/proc/".utf8) {
                throw Doubt(.changesFile, name)
            }
        case .unlink, .rmdir:
            if isOwn {
                made[canonical, default: Made(isHere: false, wasThere: false, end: note.end)].isHere = false
            } else {
                if isOpenedToRemove(canonical, note) { read[canonical] = nil }
                if read[canonical] != nil { throw Doubt(.removesFile, name) }
                make(canonical, note, Made(isHere: false, wasThere: true, end: note.end))
            }
        case .mkdir:
            make(
                canonical,
                note,
                Made(isHere: true, isDirectory: true, wasThere: made[canonical]?.wasThere ?? false, end: note.end)
            )
        case .symlink:
            var state = Made(isHere: true, isLink: true, wasThere: made[canonical]?.wasThere ?? false, end: note.end)
            // It would have failed had something been there.
            state.isAddedTo = made[canonical] == nil
            make(canonical, note, state)
        case .special: make(canonical, note, Made(isHere: true, wasThere: false, end: note.end))
        case .temporary:
            let isDirectory = note.flags.contains(.directory)
            make(
                canonical,
                note,
                Made(isHere: true, isDirectory: isDirectory, isTemporary: true, wasThere: false, end: note.end)
            )
        default: try moved(canonical, name, isOwn, note)
        }
    }

    mutating func moved(_ from: [UInt8], _ name: [UInt8], _ isOwn: Bool, _ note: Note) throws(Doubt) {
        let target = PathNames.tidy(note.second)
        let to = names.canonical(target)
        noteWay(to: target, to)
        guard isOwn else { throw Doubt(note.call == .link ? .linksFile : .removesFile, name) }
        let isNewThere = self.isOwn(to, at: note.place) != nil
        if !isNewThere, read[to] != nil { throw Doubt(.modifiesInput, target) }
        var state = made[from] ?? Made(isHere: true, wasThere: false, end: note.end)
        state.wasThere = made[to]?.wasThere ?? (note.flags.contains(.existed) && !isNewThere)
        (state.end, state.isTemporary) = (note.end, false)
        // How it was made says nothing of what is in its place now.
        if note.call == .rename { (state.isProbed, state.isAddedTo) = (false, false) } else { state.isAddedTo = true }
        if note.call == .rename {
            // What lies below it moves with it.
            let prefix = from + [UInt8(ascii: "/")]
            for (path, inner) in made where path.starts(with: prefix) {
                made[path] = nil
                var inner = inner
                inner.end = note.end
                made[to + path.dropFirst(from.count)] = inner
            }
            // What had the new name was none of the old one's.
            var left = made[from] ?? Made(isHere: false, wasThere: false, end: note.end)
            left.isHere = false
            made[from] = left
        }
        make(to, note, state)
    }
}
