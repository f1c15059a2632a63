internal import Files
internal import LarderStore

/// Finds out what a tool is: its version, the libraries that it loads, and the data that it reads.
///
/// The name of a version does not say enough: a distribution's repaired library keeps it.
struct ToolProbe {
    let name: Tool.Name
    let path: Path
    let cancellation: Cancellation?

    private static let limits = SupervisedProgram.Limits(time: 20_000_000_000, memory: .max, output: 1 << 20)

    func run() -> Tool {
        let start = Clock.stamp
        guard isProgram else { return Tool(path: path, version: version(), digest: nil, dependencies: []) }
        let libraries = libraries()
        // Every poppler has libraries: where the loader names none, it does not answer such questions.
        var isSure = !libraries.isEmpty
        var dependencies: [Tool.Dependency] = []
        var key = KeyBuilder(domain: "pdf-tool-1")
        for file in [path] + libraries {
            guard let content = (try? ProvenContent.read(file)) ?? nil else {
                isSure = false
                continue
            }
            key.add("file", content.digest.bytes)
            dependencies.append(.init(path: file, identity: content.identity))
        }
        let directories = dataDirectories
        for directory in directories.data {
            key.add("data", directory.bytes)
            key.add("modified", FileStatus.of(directory)?.identity.modified ?? 0)
        }
        // A library that appears in one of these directories may be taken instead of those.
        let places =
            libraries.map(\.parent) + searchPath + ["/etc/ld.so.cache", "/etc/ld.so.preload"] + directories.data
            + directories.roots
        var seen: Set<Path> = []
        for place in places where seen.insert(place).inserted {
            guard let status = FileStatus.of(place) else { continue }
            dependencies.append(.init(path: place, identity: status.identity))
            isSure = isSure && status.identity.isSettled(before: start)
        }
        let version = version()
        key.add("version", version ?? "")
        let tool = Tool(path: path, version: version, digest: key.finish().digest, dependencies: dependencies)
        guard isSure, version != nil, tool.isUnchanged else {
            return Tool(path: path, version: version, digest: nil, dependencies: dependencies)
        }
        return tool
    }

    /// `pdftotext version 22.12.0`, `qpdf version 11.3.0`: the word behind `version` in the first line.
    ///
    /// Nil where it says none: then it is used, as the user wants it, and nothing is kept.
    private func version() -> String? {
        guard let answer = ask(path, [name.rawValue, name == .qpdf ? "--version" : "-v"].map { Array($0.utf8) }) else {
            return nil
        }
        let words = answer.prefix { $0 != 0x0A }.split(separator: UInt8(ascii: " "))
        guard let word = words.firstIndex(where: { $0.elementsEqual("version".utf8) }), word + 1 < words.count else {
            return nil
        }
        let shown = words[word + 1].prefix(ExtractionFormat.versionLimit).map { (0x21..<0x7F).contains($0) ? $0 : 0x3F }
        return String(decoding: shown, as: UTF8.self)
    }

    private func ask(_ path: Path, _ words: [[UInt8]]) -> [UInt8]? {
        var program = SupervisedProgram(path, arguments: words, environment: Tool.environment, limits: Self.limits)
        program.cancellation = cancellation
        // Old versions end with 99 after having answered.
        guard let (ending, streams) = try? program.run(), case .exited = ending else { return nil }
        return streams.output + streams.error
    }

    /// False for a script: what it runs cannot be seen.
    private var isProgram: Bool {
        (try? RegularFile.head(of: path, count: 4)) == [0x7F, 0x45, 0x4C, 0x46]
    }

    /// The shared libraries that the loader would map, as it says itself; none where nobody can be asked.
    private func libraries() -> [Path] {
        guard let file = ProgramFile(at: path), let loader = file.loader, let question = file.question(about: path),
            let answer = ask(loader, question)
        else { return [] }
        return ProgramFile.libraries(in: answer)
    }

    private var searchPath: [Path] {
        (Environment.value("LD_LIBRARY_PATH") ?? []).split(separator: UInt8(ascii: ":")).map { Path(bytes: $0) }
    }

    /// Where poppler has its tables of characters, which a package of their own brings; and the directories in which it
    /// may appear.
    private var dataDirectories: (roots: [Path], data: [Path]) {
        guard name != .qpdf else { return ([], []) }
        let prefix = (Directory.realPath(path) ?? path).parent.parent
        let roots: [Path] = [prefix.appending("share"), "/usr/share"]
        var found: [Path] = []
        for root in roots[0] == roots[1] ? [roots[0]] : roots {
            let poppler = root.appending("poppler")
            guard FileStatus.of(poppler)?.kind == .directory else { continue }
            found.append(poppler)
            for directory in Self.directories(in: poppler) {
                found.append(directory)
                found += Self.directories(in: directory)
            }
        }
        return (roots, found)
    }

    private static func directories(in path: Path) -> [Path] {
        let names = (try? Directory.names(in: path)) ?? []
        return names.map { path.appending(bytes: $0) }.filter { FileStatus.of($0)?.kind == .directory }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
}
