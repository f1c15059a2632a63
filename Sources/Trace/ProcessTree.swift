internal import Files

/// The processes of a tree: which program each one is, and whether every program that was started has said so.
struct ProcessTree {
    private var programs: [UInt32: [UInt8]] = [:]
    /// What a process has become, and has not said yet.
    private var awaited: [UInt32: [UInt8]] = [:]
    /// Children that posix_spawn(3) has made, or that libc made itself (0), of the process.
    private var spawned: [(child: UInt64, parent: UInt32, place: UInt64, path: [UInt8])] = []
    private var hellos: [(process: UInt32, parent: UInt64, place: UInt64)] = []
    /// Processes that have loaded something by its name alone since they last said what is loaded.
    private var loading: [UInt32: [UInt8]] = [:]

    func program(of process: UInt32) -> [UInt8] { programs[process] ?? [] }

    /// All programs that have said hello.
    private(set) var started: Set<[UInt8]> = []

    mutating func take(_ note: Note) throws(Doubt) {
        switch note.call {
        case .hello:
            if let path = awaited.removeValue(forKey: note.process) { try Self.compare(note.first, path) }
            programs[note.process] = note.first
            started.insert(note.first)
            hellos.append((note.process, note.value, note.place))
            // A loader that is called as a program says nothing of what it runs.
            if Path(bytes: note.first).name.starts(with: "ld-".utf8) { throw Doubt(.untracedProgram, note.first) }
        case .fork: programs[note.process] = programs[UInt32(truncatingIfNeeded: note.value)] ?? []
        case .exec where !note.hasEnded || note.error == 0:
            if let path = awaited[note.process] { throw Doubt(.untracedProgram, path) }
            awaited[note.process] = PathNames.tidy(note.first)
        case .spawn where note.error == 0:
            spawned.append((note.value, note.process, note.place, PathNames.tidy(note.first)))
        case .object where note.flags.contains(.go):
            throw Doubt(.untracedProgram, note.first.isEmpty ? program(of: note.process) : note.first)
        case .load where !note.first.contains(UInt8(ascii: "/")): loading[note.process] = note.first
        case .listed: loading[note.process] = nil
        default: break
        }
    }

    /// Whether what said hello is what was started; a script is its interpreter.
    private static func compare(_ program: [UInt8], _ path: [UInt8]) throws(Doubt) {
        guard let last = interpreters(of: path).last, let real = Directory.realPath(Path(bytes: last)) else { return }
        guard Array(real.bytes) == program else { throw Doubt(.untracedProgram, path) }
    }

    /// The program, and what runs it where it is a script.
    static func interpreters(of path: [UInt8]) -> [[UInt8]] {
        var paths = [path]
        for _ in 0..<6 {
            guard let last = paths.last, let file = try? Descriptor(reading: Path(bytes: last)),
                let head = try? file.bytes(at: 0, count: 256), head.starts(with: "#!".utf8)
            else { break }
            let line = head[2...].prefix { $0 != UInt8(ascii: "\n") }
            guard let word = line.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }).first
            else { break }
            paths.append(Array(word))
        }
        return paths
    }

    /// Every program that was started has said hello, and said what it has loaded.
    func finish() throws(Doubt) {
        if let (_, path) = awaited.min(by: { $0.key < $1.key }) { throw Doubt(.untracedProgram, path) }
        guard !hellos.isEmpty else { throw Doubt(.untracedProgram) }
        var claimed: Set<UInt64> = []
        for one in spawned {
            let hello = hellos.first {
                $0.place > one.place && !claimed.contains($0.place)
                    && (one.child == 0 ? $0.parent == UInt64(one.parent) : UInt64($0.process) == one.child)
            }
            guard let hello else { throw Doubt(.untracedProgram, one.path) }
            claimed.insert(hello.place)
        }
        if let (process, name) = loading.min(by: { $0.key < $1.key }) {
            throw Doubt(.incompleteTrace, program(of: process) + Array(" ".utf8) + name)
        }
    }
}
