internal import Files

/// The directory that is set up, and the files in it.
struct ProjectDirectory: Sendable {
    /// With every symbolic link followed.
    let path: Path

    /// The longest file that is edited, in bytes.
    static let longest = 1 << 20

    init(_ directory: Path) throws(SetupProblem) {
        guard let path = Directory.realPath(directory), FileStatus.of(path)?.kind == .directory else {
            throw SetupProblem("there is no directory \(directory)")
        }
        self.path = path
    }

    func has(_ name: String) -> Bool { FileStatus.of(path.appending(name)) != nil }

    /// The first of `names` that is there.
    func first(of names: String...) -> String? { names.first { has($0) } }

    func hasDirectory(_ name: String) -> Bool { FileStatus.of(path.appending(name))?.kind == .directory }

    /// What a file that is only looked at holds; nil where it cannot be read.
    func text(_ name: String) -> [UInt8]? {
        try? RegularFile.bytes(of: path.appending(name), limit: 4 * Self.longest)
    }

    /// The file that is edited, which may be missing.
    ///
    /// A symbolic link within the project stays one: the file that it leads to is meant. One that leads out of it is refused,
    /// and so is a file that belongs to another user.
    func file(_ name: String) throws(SetupProblem) -> ProjectFile {
        let given = path.appending(name)
        var place = given
        if FileStatus.ofLink(given.parent)?.kind == .symbolicLink {
            guard let parent = Directory.realPath(given.parent) else {
                throw SetupProblem("\(given.parent) is a symbolic link that leads nowhere; remove it")
            }
            place = parent.appending(bytes: given.name)
        }
        guard let link = FileStatus.ofLink(place) else {
            try expectInside(place, given)
            return ProjectFile(name: name, place: place, content: nil)
        }
        if link.kind == .symbolicLink {
            guard let target = Directory.realPath(place) else {
                throw SetupProblem("\(given) is a symbolic link that leads nowhere; remove it")
            }
            place = target
        }
        try expectInside(place, given)
        guard let status = FileStatus.of(place), status.kind == .regular else {
            throw SetupProblem("\(given) is no regular file, so it is left alone")
        }
        guard status.owner == CurrentProcess.user else {
            throw SetupProblem(
                "\(given) belongs to user \(status.owner) and this is user \(CurrentProcess.user), so it is left alone; "
                    + "run this as its owner"
            )
        }
        guard status.mode & 0o200 != 0 else {
            throw SetupProblem("\(given) is read-only, so it is left alone; make it writable first")
        }
        do throws(SystemError) {
            let content = try RegularFile.bytes(of: place, limit: Self.longest)
            return ProjectFile(name: name, place: place, content: content)
        } catch { throw SetupProblem("\(given) cannot be read: \(error)") }
    }

    private func expectInside(_ place: Path, _ given: Path) throws(SetupProblem) {
        let prefix = path.appending("")
        guard place.bytes.starts(with: path.bytes), place.bytes.starts(with: prefix.bytes) else {
            throw SetupProblem("\(given) leads out of the project, to \(place), so it is left alone")
        }
    }
}

/// A file of the project that is edited, or made.
struct ProjectFile: Sendable {
    /// Seen from the project's directory.
    let name: String
    /// Where it really is.
    let place: Path
    /// Nil where there is none.
    let content: [UInt8]?
}
