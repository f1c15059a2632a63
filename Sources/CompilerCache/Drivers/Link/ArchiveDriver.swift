internal import Files
internal import LarderStore

/// An archive that is made anew, of objects, without dates and owners: what it holds follows from the objects alone.
struct ArchiveDriver: Driver {
    let request: DriverRequest
    private let members: [Word]

    init(reading command: CompileCommand, _ settings: Settings) throws(Bypass) {
        let environment = try CompileEnvironment(in: command.directory)
        let arguments = try ResponseFile.expand(command.arguments, in: command.directory)
        guard let first = arguments.first, arguments.count > 2 else { throw .archiveOption }
        let letters = first.first == UInt8(ascii: "-") ? first.dropFirst() : first[...]
        let mayBe = Word("rqcsSDu")
        guard letters.contains(UInt8(ascii: "r")) != letters.contains(UInt8(ascii: "q")),
            letters.allSatisfy({ mayBe.contains($0) })
        else { throw .archiveOption }
        let archive = arguments[1]
        members = Array(arguments[2...])
        guard !archive.isEmpty, !members.contains(where: { $0.first == UInt8(ascii: "-") || $0 == archive }) else {
            throw .archiveOption
        }
        guard FileStatus.ofLink(Path(bytes: archive)) == nil else { throw .archiveExists }
        var request = DriverRequest(dialect: "archive-1", command: command, label: archive)
        request.words = arguments.map { .text($0) }
        request.variables = environment.keyed.map { .text($0) }
        if let value = Environment.value("GNUTARGET") { request.variables.append(.text(Word("GNUTARGET=") + value)) }
        request.presentation = environment.presentation
        request.inputs = members
        request.outputs = [.init(path: archive)]
        self.request = request
    }

    func reading(after run: DriverRun) throws(Recorder.Refusal) -> DriverReading {
        guard hasNoTimes else { throw .archiveTimes }
        var reading = DriverReading()
        reading.files = members
        let program = Word(request.command.compiler.bytes)
        reading.files.append(program)
        try reading.addLibraries(of: program)
        for directory in Self.pluginDirectories(of: request.command.compiler) {
            guard FileStatus.of(Path(bytes: directory))?.kind == .directory else {
                reading.absent.append(directory)
                continue
            }
            reading.listings.append(directory)
            for name in (try? Directory.names(in: Path(bytes: directory))) ?? [] {
                let plugin = Path(bytes: directory).appending(bytes: name)
                guard FileStatus.of(plugin)?.kind == .regular else { continue }
                reading.files += [Word(plugin.bytes)] + SharedObject.libraries(ofPlugin: Word(plugin.bytes))
            }
        }
        return reading
    }

    /// True where the program leaves out dates and owners: it was asked for, or says that it does so by itself.
    private var hasNoTimes: Bool {
        if request.command.arguments.first?.contains(UInt8(ascii: "D")) ?? false { return true }
        let command = request.command
        let answer = CompilerQuery.answer(of: command.compiler, named: command.name, [Word("--help")])
        return answer?.output.split(separator: 10).contains { line in
            Word(line).firstIndex(of: Word("[D]")) != nil && Word(line).firstIndex(of: Word("(default)")) != nil
        } ?? false
    }

    /// Where binutils finds plugins that read objects it does not know itself: beside the program, for every machine.
    private static func pluginDirectories(of program: Path) -> [Word] {
        let places = [program, Directory.realPath(program) ?? program].map { $0.parent.appending("../lib") }
        var found: [Word] = []
        for library in places {
            found.append(Word(library.appending("bfd-plugins").bytes))
            for name in (try? Directory.names(in: library)) ?? []
            where Word(name).firstIndex(of: Word("-linux-")) != nil {
                found.append(Word(library.appending(bytes: name).appending("bfd-plugins").bytes))
            }
        }
        return found
    }
}
