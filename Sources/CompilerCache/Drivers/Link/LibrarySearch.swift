internal import Files

/// Every place where a linker may look for what it was not given a path of.
///
/// Which one it takes depends on much: the order, what is there, static or not, whether it fits. So all of them count: a
/// file that is there by its content, whether it is used or not, and every other one by its absence. That is more than
/// the linker asks, and never less.
struct LibrarySearch {
    private(set) var files: [Word] = []
    private(set) var absent: [Word] = []
    private(set) var listings: [Word] = []

    /// - Parameters:
    ///   - words: what the command line asks for.
    ///   - read: the files that the linker says it has read.
    ///   - linker: its own directories are searched last.
    init(_ words: LinkWords, read: [Word], linker: Linker, variables: [Word]) throws(Recorder.Refusal) {
        var directories = words.directories + linker.directories
        var libraries = words.libraries
        // A name, and where it is searched besides.
        var names: [(name: Word, beside: Word)] = []
        var needed: [Word] = []
        var neededDirectories = variables.flatMap { LinkWords.list($0) }
        for path in read + words.inputs where FileStatus.of(Path(bytes: path))?.kind == .regular {
            if let script = try LinkerScript(at: path) {
                libraries += script.libraries
                names += script.names.map { ($0, Word(Path(bytes: path).parent.bytes)) }
            } else if let library = try SharedObject(at: path) {
                needed += library.needed
                for directory in library.searched + words.neededDirectories {
                    neededDirectories.append(try Self.expanded(directory, Word(Path(bytes: path).parent.bytes)))
                }
            }
        }
        // A script that is named without a path may be in any of the directories.
        names += words.inputs.filter { FileStatus.ofLink(Path(bytes: $0)) == nil }.map { ($0, Word(".")) }
        directories = Self.distinct(directories)
        for library in Self.distinct(libraries) {
            for directory in directories {
                if library.first == UInt8(ascii: ":") {
                    try look(for: Word(library.dropFirst()), in: directory)
                } else {
                    try look(for: Word("lib") + library + Word(".so"), in: directory)
                    try look(for: Word("lib") + library + Word(".a"), in: directory)
                }
            }
        }
        for (name, beside) in names {
            for directory in Self.distinct([beside, Word(".")] + directories) { try look(for: name, in: directory) }
        }
        guard linker.followsNeeds, !needed.isEmpty else { return }
        // One that is needed by a path is meant from here.
        neededDirectories += try readSystemConfiguration() + [Word(".")]
        for directory in Self.distinct(neededDirectories + directories) {
            for name in Self.distinct(needed) { try look(for: name, in: directory) }
        }
    }

    private mutating func look(for name: Word, in directory: Word) throws(Recorder.Refusal) {
        let isAbsolute = name.first == UInt8(ascii: "/")
        let path = isAbsolute ? name : Word(Path(bytes: directory).appending(bytes: name).bytes)
        if FileStatus.of(Path(bytes: path))?.kind == .regular {
            files.append(path)
        } else if FileStatus.isAbsent(Path(bytes: path)) {
            absent.append(path)
        } else {
            // A directory or a dangling link of such a name is nothing that a linker takes, until it becomes a library.
            throw .inputUnreadable
        }
    }

    /// The directories of ld.so.conf(5), with all that it includes.
    private mutating func readSystemConfiguration() throws(Recorder.Refusal) -> [Word] {
        var found: [Word] = []
        absent.append(Word("/usr/etc/ld.so.conf"))
        var texts = [Word("/etc/ld.so.conf")]
        var index = 0
        while index < texts.count {
            let path = texts[index]
            index += 1
            guard let text = try? RegularFile.bytes(of: Path(bytes: path)) else {
                guard index == 1, FileStatus.ofLink(Path(bytes: path)) == nil else { throw .inputUnreadable }
                absent.append(path)
                continue
            }
            files.append(path)
            for line in text.split(separator: 10) {
                let line = line.prefix { $0 != UInt8(ascii: "#") }
                let words = line.split { $0 == 32 || $0 == 9 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ":") }
                if words.first?.elementsEqual("include".utf8) == true {
                    for pattern in words.dropFirst() {
                        let directory = Path(bytes: pattern).resolved(in: "/etc").parent
                        listings.append(Word(directory.bytes))
                        for name in (try? Directory.names(in: directory)) ?? [] where name.first != UInt8(ascii: ".") {
                            let file = Word(directory.appending(bytes: name).bytes)
                            if !texts.contains(file) { texts.append(file) }
                        }
                    }
                } else {
                    found += words.map { Word($0.prefix { $0 != UInt8(ascii: "=") }) }
                }
            }
        }
        return found
    }

    /// The directory that a library names by its own place.
    static func expanded(_ directory: Word, _ origin: Word) throws(Recorder.Refusal) -> Word {
        guard directory.contains(UInt8(ascii: "$")) else { return directory }
        for name in ["$ORIGIN", "${ORIGIN}"] as [StaticString] where directory.hasPrefix(name) {
            let rest = Word(directory.dropFirst(name.utf8CodeUnitCount))
            if !rest.contains(UInt8(ascii: "$")) { return origin + rest }
        }
        throw .sharedLibrary
    }

    private static func distinct(_ words: [Word]) -> [Word] {
        var seen: Set<Word> = []
        return words.filter { seen.insert($0).inserted }
    }
}
