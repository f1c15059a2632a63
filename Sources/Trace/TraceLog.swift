package import Files

/// The log of one traced run: a file in memory that every process of the tree maps.
package struct TraceLog: ~Copyable {
    /// More than a build of some hundred files writes; a longer log is none.
    private static let capacity = 32 << 20

    private let file: Descriptor

    /// For whoever is to read the notes.
    package var descriptor: CInt { file.raw }

    /// The log that a descriptor of another process's leads to.
    package init(_ file: consuming Descriptor) { self.file = file }

    package init() throws(SystemError) {
        let made = try Descriptor.inMemory()
        try made.truncate(to: Self.capacity)
        try made.write(NoteReader.header(capacity: Self.capacity), at: 0)
        file = made
    }

    /// Our environment with the two variables by which the library is loaded, behind what the user has loaded.
    package func environment(_ library: PreloadLibrary) -> [[UInt8]] {
        let (preload, trace) = (Array("LD_PRELOAD=".utf8), Array("LARDER_TRACE=".utf8))
        var entries: [[UInt8]] = []
        var list: [UInt8] = preload
        Environment.forEach { entry in
            let entry = Array(UnsafeRawBufferPointer(start: entry, count: Environment.length(entry)))
            if entry.starts(with: trace) { return }
            if entry.starts(with: preload) {
                if list.count == preload.count { list = entry }
                return
            }
            entries.append(entry)
        }
        if list.count > preload.count { list.append(UInt8(ascii: ":")) }
        entries.append(list + library.path.bytes)
        entries.append(trace + Array("/proc/\(CurrentProcess.id)/fd/\(file.raw)".utf8))
        return entries
    }

    /// What was noted; nil where that is not to be had whole.
    package func notes() -> [Note]? {
        guard let header = try? file.bytes(at: 0, count: NoteReader.headerLength), let used = NoteReader.used(header),
            let bytes = try? file.bytes(at: 0, count: used), bytes.count == used
        else { return nil }
        return NoteReader.notes(bytes)
    }
}

/// The library that takes the notes: beside this program, or where it is installed.
package struct PreloadLibrary: Sendable {
    package let path: Path

    /// Where it is looked for, by this program; empty where that cannot be told.
    package static var places: [Path] {
        guard let ourselves = Directory.target(ofLink: "/proc/self/exe") else { return [] }
        let directory = ourselves.parent
        let name = "liblarder-trace.so"
        return [directory.appending(name), directory.parent.appending("lib/larder").appending(name)]
    }

    /// The library that belongs to this program; nil where there is none that the loader could be told of.
    package init?() {
        // The loader takes a space or a colon for the end of a name, and a dollar for a variable.
        let separators = Array(" :$".utf8)
        guard let path = Self.places.first(where: { FileStatus.of($0)?.kind == .regular }),
            !path.bytes.contains(where: { separators.contains($0) })
        else { return nil }
        self.path = path
    }
}
