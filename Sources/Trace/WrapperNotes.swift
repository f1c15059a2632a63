internal import Files

/// What a wrapper, a script or program in front of a compiler, has had made besides the object.
///
/// It is asked what it would run, and its answer is part of the key. But options of its own may make files that are called after
/// the object, which has another name while it is made; and it may work on the object afterwards.
package struct WrapperNotes {
    /// The last names of the files that the compiler was told to make.
    private let own: Set<[UInt8]>
    /// How the names begin that a compiler derives from its output's.
    private let derived: [UInt8]
    /// The program of each process.
    private var programs: [UInt32: [UInt8]] = [:]
    /// Where the first of them was started.
    private var directory: [UInt8]?
    private var surprise: [UInt8]?

    /// The file, the program, or the directory of a compiler, that is more than was asked for; nil where there is none.
    package static func surprise(in notes: [Note], own: [[UInt8]], derived: [UInt8]) -> [UInt8]? {
        var reader = WrapperNotes(own: Set(own), derived: derived)
        for note in notes { reader.look(at: note) }
        return reader.surprise
    }

    /// The files of these last names that were written, wherever that was.
    package static func written(in notes: [Note], named own: [[UInt8]]) -> Set<[UInt8]> {
        let paths = notes.lazy.filter { $0.call == .open && $0.error == 0 && OpenKind($0.more).writes }
            .map { PathNames.tidy($0.first) }
        return Set(paths.filter { own.contains(Array(Path(bytes: $0).name)) })
    }

    private init(own: Set<[UInt8]>, derived: [UInt8]) { (self.own, self.derived) = (own, derived) }

    private mutating func look(at note: Note) {
        let path = PathNames.tidy(note.first)
        let isCompiler = programs[note.process].map(KnownPrograms.ignoreTimes) ?? true
        switch note.call {
        case .hello:
            let before = programs[note.process] ?? programs[UInt32(truncatingIfNeeded: note.value)]
            if let before, !KnownPrograms.ignoreTimes(before), KnownPrograms.isPart(note.first) {
                surprise = note.first
            }
            directory = directory ?? note.second
            if KnownPrograms.ignoreTimes(note.first), note.second != directory { surprise = note.second }
            programs[note.process] = note.first
        case .fork: programs[note.process] = programs[UInt32(truncatingIfNeeded: note.value)]
        case .open where note.error == 0 && OpenKind(note.more).writes:
            if isCompiler { makes(path) } else { touches(path) }
        case .rename, .link, .symlink: if isCompiler { makes(PathNames.tidy(note.second)) } else { touches(path) }
        case .open, .stat, .access, .readlink, .unlink, .change: if isCompiler { derives(path) } else { touches(path) }
        default: break
        }
    }

    /// Temporary files are gone at the end.
    private mutating func makes(_ path: [UInt8]) {
        derives(path)
        guard !path.starts(with: "/dev/".utf8), !own.contains(Array(Path(bytes: path).name)) else { return }
        if FileStatus.ofLink(Path(bytes: path)) != nil { surprise = path }
    }

    private mutating func derives(_ path: [UInt8]) {
        let name = Array(Path(bytes: path).name)
        if name.starts(with: derived), !own.contains(name) { surprise = path }
    }

    /// A wrapper has no business with the object.
    private mutating func touches(_ path: [UInt8]) {
        if own.contains(Array(Path(bytes: path).name)) { surprise = path }
    }
}
