internal import Files
internal import LarderStore
internal import Trace

/// One thing that a traced run depended on, by its name; what it holds is seen anew each time.
struct TraceItem: Hashable {
    var kind: Ingredient.Kind
    var name: [UInt8]
    /// Of a listing: the names that do not count, sorted.
    var own: [[UInt8]] = []

    /// Everything that `accesses` name, in an order that is always the same.
    ///
    /// - Parameter variables: those that are looked at anyway, or mean nothing here; nil for all that always count.
    static func all(in accesses: Accesses, ignoring variables: [[UInt8]]? = nil) -> [TraceItem] {
        var items: [TraceItem] = []
        func add(_ kind: Ingredient.Kind, _ names: Set<[UInt8]>) {
            for name in names { items.append(TraceItem(kind: kind, name: name)) }
        }
        add(.content, accesses.contents)
        add(.missing, accesses.absences)
        add(.status, accesses.statuses)
        add(.presence, accesses.presences)
        add(.realPath, accesses.realPaths)
        for (name, own) in accesses.listings {
            items.append(TraceItem(kind: .listing, name: name, own: own.sorted { $0.lexicographicallyPrecedes($1) }))
        }
        if accesses.directories.count > 1 { items.append(Self.sameness(of: accesses.directories)) }
        if accesses.asksHost { items.append(TraceItem(kind: .host, name: [])) }
        if accesses.asksTerminal { items.append(TraceItem(kind: .inputKind, name: [])) }
        let ignored = variables.map { Set($0) }
        for name in accesses.variables where !(ignored?.contains(name) ?? SessionVariables.isCounted(name)) {
            items.append(TraceItem(kind: .variable, name: name))
        }
        return items.sorted {
            $0.kind == $1.kind ? $0.name.lexicographicallyPrecedes($1.name) : $0.kind.rawValue < $1.kind.rawValue
        }
    }

    /// Which of several names mean one file; of files also how old each is.
    ///
    /// Compilers search a directory once, by its inode. clang reads a file with `#pragma once` once, by its inode; gcc takes
    /// it for another of the same content, size and time.
    ///
    /// - Parameter isTimed: whether the time of each counts.
    static func sameness(of names: Set<[UInt8]>, isTimed: Bool = true) -> TraceItem {
        TraceItem(kind: .sameness, name: isTimed ? [] : untimed, own: names.sorted { $0.lexicographicallyPrecedes($1) })
    }

    /// What is in the place of a name that was not found: nothing, a file in the place of a directory on the way, or where a link leads
    /// that leads nowhere; empty for all else.
    private static func obstacle(at path: Path) -> [UInt8]? {
        guard FileStatus.ofLink(path) != nil else {
            // ENOENT, as for most; others say something of the way.
            let failure = FileStatus.failure(of: path)
            return failure == SystemError.noEntry ? nil : Array("/\(failure)".utf8)
        }
        guard FileStatus.of(path) == nil else { return [] }
        return Directory.target(ofLink: path).map { Array($0.bytes) } ?? []
    }

    /// Which of the two output streams go to a terminal, and no more about them.
    static let terminals = TraceItem(kind: .streams, name: Array("terminals".utf8))

    /// Looks at it now.
    func observe(with observer: inout Observer) throws(Refusal) {
        let path = Path(bytes: name)
        switch kind {
        case .content: try observer.add(.content, name, FileStatus.ofLink(path))
        case .missing: observer.add(missing: name, Self.obstacle)
        case .status: observer.add(.status, name, value: Self.status(path, isTimed: true))
        case .presence: observer.add(.presence, name, value: Self.status(path, isTimed: false))
        case .realPath: observer.add(.realPath, name, value: Directory.realPath(path).map { Array($0.bytes) })
        case .listing: observer.add(.listing, name, value: Self.listing(path, without: own))
        case .host:
            let files = ["/proc/sys/kernel/hostname", "/proc/sys/kernel/osrelease"].map {
                try? SmallFile.read(Path($0))
            }
            observer.add(.host, value: files.reduce(into: []) { $0 += $1 ?? [] })
        case .inputKind: observer.add(.inputKind, value: GivenInput.status.map { Self.bytes($0.mode & 0o170000) })
        case .streams:
            observer.add(.streams, name, value: name.isEmpty ? CommandLookup.streams : CommandLookup.terminals)
        case .variable: observer.add(.variable, name, value: Environment.value(of: name))
        case .found: observer.add(.found, name, value: Executable.find(name).map { Array($0.bytes) })
        case .sameness:
            observer.add(.sameness, own.first ?? [], value: Self.sameness(own, isTimed: name != Self.untimed))
        case .environment:
            observer.add(.environment, value: SessionVariables.counted + Array(CurrentProcess.credentials.utf8))
        default: throw .dependenciesUnknown
        }
    }

    /// The names in a directory and what has them, each ended by NUL; nil where it cannot be read.
    static func listing(_ path: Path, without own: [[UInt8]]) -> [UInt8]? {
        guard let names = try? Directory.namesWithKinds(in: path) else { return nil }
        let own = Set(own)
        return names.map { Array($0) }.filter { !own.contains(Array($0.dropFirst())) }.sorted {
            $0.lexicographicallyPrecedes($1)
        }
        .reduce(into: []) { $0 += $1 + [0] }
    }

    private static let untimed = Array("untimed".utf8)

    private static func sameness(_ names: [[UInt8]], isTimed: Bool) -> [UInt8] {
        var first: [FileIdentity] = []
        var bytes: [UInt8] = []
        for name in names {
            guard let status = FileStatus.of(Path(bytes: name)) else {
                bytes += Self.bytes(-1)
                continue
            }
            let identity = status.identity
            if let index = first.firstIndex(where: { $0.device == identity.device && $0.inode == identity.inode }) {
                bytes += Self.bytes(index)
            } else {
                bytes += Self.bytes(first.count)
                first.append(identity)
            }
            if isTimed, status.kind == .regular { bytes += Self.bytes(identity.modified) }
        }
        return bytes
    }

    private static func status(_ path: Path, isTimed: Bool) -> [UInt8]? {
        guard let link = FileStatus.ofLink(path) else { return nil }
        var bytes = Self.bytes(link.mode)
        if link.kind == .symbolicLink {
            bytes += Directory.target(ofLink: path).map { Array($0.bytes) } ?? []
            if isTimed { bytes += Self.all(of: link) }
        }
        guard let status = link.kind == .symbolicLink ? FileStatus.of(path) : link else { return bytes }
        // Whether somebody may use it depends on whose it is.
        bytes += Self.bytes(status.mode) + Self.bytes(status.owner) + Self.bytes(status.group)
        // Names come and go in a directory, its times with them.
        if isTimed, status.kind != .directory { bytes += Self.all(of: status) }
        return bytes
    }

    /// What stat(2) tells, but for the time of the last access: whoever asks for a part of it is told all.
    private static func all(of status: FileStatus) -> [UInt8] {
        let identity = status.identity
        let numbers = [identity.size, identity.modified, identity.changed, status.allocated, Int64(status.links)]
        return numbers.reduce(into: []) { $0 += bytes($1) } + bytes(identity.device) + bytes(identity.inode)
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}

/// The sets of things that runs of one command depended on, the latest first.
///
///     traces ::= version:u32 sets:u32 set*
///     set    ::= items:u32 item*
///     item   ::= kind:u8 name own:u32 name*
///     name   ::= length:u32 byte*
///
/// History: 1, the first.
struct TraceSets {
    static let version: UInt32 = 1
    static let limit = 16

    private(set) var sets: [[TraceItem]] = []

    init() {}

    init?(decoding bytes: [UInt8]) {
        var reader = Reader(bytes)
        guard reader.integer(UInt32.self) == Self.version, let count = reader.integer(UInt32.self), count <= Self.limit
        else { return nil }
        for _ in 0..<count {
            guard let items = reader.integer(UInt32.self), Int(items) <= bytes.count else { return nil }
            var set: [TraceItem] = []
            for _ in 0..<items {
                guard let kind = reader.integer(UInt8.self).flatMap(Ingredient.Kind.init(rawValue:)),
                    let name = reader.text(), let count = reader.integer(UInt32.self), Int(count) <= bytes.count
                else { return nil }
                var item = TraceItem(kind: kind, name: name)
                for _ in 0..<count {
                    guard let own = reader.text() else { return nil }
                    item.own.append(own)
                }
                set.append(item)
            }
            sets.append(set)
        }
        guard reader.isAtEnd else { return nil }
    }

    var encoded: [UInt8] {
        var out = Writer()
        out.integer(Self.version)
        out.integer(UInt32(sets.count))
        for set in sets {
            out.integer(UInt32(truncatingIfNeeded: set.count))
            for item in set {
                out.integer(item.kind.rawValue)
                out.text(item.name)
                out.integer(UInt32(truncatingIfNeeded: item.own.count))
                for name in item.own { out.text(name) }
            }
        }
        return out.bytes
    }

    /// Puts `set` in front; the one that was longest without use goes where there are too many.
    mutating func add(_ set: [TraceItem]) {
        sets.removeAll { $0 == set }
        sets.insert(set, at: 0)
        if sets.count > Self.limit { sets.removeLast() }
    }
}

/// Where the outputs of a traced result go, a part of its entry.
///
///     places ::= version:u32 count:u32 place*
///     place  ::= flags:u8 path                 1: a program looked before it was written; 2: something was there
///                                              4: what had been there would have been added to; 8: what is there and equal stays
///                                              16: what is there is removed first, unless it is empty
///     path   ::= length:u32 byte*
///
/// History: 1, the first; 2, the flag 4; 3, the flag 8; 4, the flag 16.
struct TracedPlaces {
    static let part = "places"
    static let version: UInt32 = 4
    /// What the last versions have written reads the same.
    private static let readable: ClosedRange<UInt32> = 2...4

    struct Place {
        var path: [UInt8]
        var isProbed = false
        var wasThere = false
        var isAddedTo = false
        var staysWhereEqual = false
        var isReplaced = false
    }

    var places: [Place] = []

    /// The numbers of those that are new files, whatever is in their place.
    var replaced: Set<Int> { Set(places.indices.filter { places[$0].isReplaced }) }

    init(_ places: [Place]) { self.places = places }

    init?(decoding bytes: [UInt8]) {
        var reader = Reader(bytes)
        guard let version = reader.integer(UInt32.self), Self.readable.contains(version),
            let count = reader.integer(UInt32.self), Int(count) <= bytes.count
        else { return nil }
        for _ in 0..<count {
            guard let flags = reader.integer(UInt8.self), flags <= 31, let path = reader.text(), path.first == 0x2F,
                !path.contains(0)
            else { return nil }
            places.append(
                Place(
                    path: path,
                    isProbed: flags & 1 != 0,
                    wasThere: flags & 2 != 0,
                    isAddedTo: flags & 4 != 0,
                    staysWhereEqual: flags & 8 != 0,
                    isReplaced: flags & 16 != 0
                )
            )
        }
        guard reader.isAtEnd else { return nil }
    }

    var encoded: [UInt8] {
        var out = Writer()
        out.integer(Self.version)
        out.integer(UInt32(truncatingIfNeeded: places.count))
        for place in places {
            let flags = [
                place.isProbed, place.wasThere, place.isAddedTo, place.staysWhereEqual, place.isReplaced,
            ]
            out.integer(flags.enumerated().reduce(0 as UInt8) { $0 | ($1.element ? 1 << UInt8($1.offset) : 0) })
            out.text(place.path)
        }
        return out.bytes
    }
}
