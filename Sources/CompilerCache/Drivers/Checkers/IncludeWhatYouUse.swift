internal import Files
internal import LarderStore

/// include-what-you-use on one source: nothing is made, what it says is kept, with its exit status.
///
/// Its command line is a compiler's, with words of its own behind `-Xiwyu`.
struct IncludeWhatYouUse: Driver {
    let request: DriverRequest
    private let command: CompileCommand
    private var mappings: [Word] = []
    private var inputs: [Word] = []
    /// What a compiler would write for make.
    private var dependencyFile: Word?

    /// Its own options, by what stands before the `=`.
    private static let options: [StaticString] = [
        "--check_also", "--keep", "--mapping_file", "--no_default_mappings", "--pch_in_code",
        "--prefix_header_includes",
        "--transitive_includes_only", "--max_line_length", "--no_comments", "--update_comments", "--comment_style",
        "--no_fwd_decls", "--verbose", "--quoted_includes_first", "--cxx17ns", "--error", "--error_always",
    ]

    init(reading command: CompileCommand, _ settings: Settings) throws(Bypass) {
        self.command = command
        let arguments = command.arguments
        guard !arguments.contains(where: { $0.first == UInt8(ascii: "@") }) else { throw .responseFile }
        var compile: [Word] = []
        // Where nothing is to be said of violations, compilers' own errors end it with 1; some versions say 2 for success.
        var statuses: [Int32] = [0, 1, 2]
        var index = 0
        while index < arguments.count {
            let word = arguments[index]
            index += 1
            guard word.equals("-Xiwyu") else {
                if word.equals("--version") || word.equals("--help") { throw .information }
                compile.append(word)
                continue
            }
            guard index < arguments.count else { throw .unknownOption }
            let option = arguments[index]
            index += 1
            let name = Word(option.prefix { $0 != UInt8(ascii: "=") })
            guard Self.options.contains(where: { name.equals($0) }) else { throw .unknownOption }
            let value = Word(option.dropFirst(name.count + 1))
            if name.equals("--mapping_file") { mappings.append(value) }
            // It traces what it does then, with addresses.
            if name.equals("--verbose"), value.count != 1 || value[0] > UInt8(ascii: "3") { throw .verbose }
            if name.hasPrefix("--error"), let status = Int32(String(decoding: value, as: UTF8.self)), status > 0,
                status < 128
            {
                statuses.append(status)
            }
        }
        let read = try ClangTidyLine.compile(compile + [Word("-c")])
        inputs = read.inputs
        dependencyFile = read.dependencies?.file
        let environment = try CompileEnvironment(in: command.directory)
        request = DriverRequest(
            dialect: "include-what-you-use-2",
            command: command,
            label: read.source,
            words: arguments.map { .text($0) },
            variables: environment.keyed.map { .text($0) } + [.text(environment.logicalDirectory)],
            presentation: environment.presentation,
            inputs: [read.source],
            keptStatuses: statuses
        )
    }

    private static let list: StaticString = "/headers"

    func arguments(scratch: Path) -> [Word] {
        // It writes no dependency file, but this list.
        let words = ["-header-include-file", "", "-sys-header-deps"].map { Word($0.utf8) }
        return request.command.arguments
            + words.flatMap { [Word("-Xclang"), $0.isEmpty ? Word(scratch.bytes) + Word(Self.list) : $0] }
    }

    func reading(after run: DriverRun) throws(Recorder.Refusal) -> DriverReading {
        guard let list = try? RegularFile.bytes(of: Path(bytes: run.scratch.bytes + Word(Self.list)), limit: 16 << 20)
        else {
            throw .dependenciesUnknown
        }
        let question = command.arguments + [Word("-v")]
        guard let (_, streams) = try? Child.ask(command.compiler, arguments: [command.name] + question),
            let invocation = ClangInvocation(saidIn: streams.error, in: command.directory, mayWriteDependencies: true)
        else { throw .searchPathUnknown }
        // It leaves that to the compiler; a version that does not makes more than is kept.
        if let file = dependencyFile, let status = FileStatus.ofLink(Path(bytes: file)),
            !status.identity.isSettled(before: run.started)
        {
            throw .outputChanged
        }
        let files = list.split(separator: 10).map { Word($0) }
        var reading = try ClangReading(command: command, invocation: invocation).reading(of: files, after: run)
        reading.files += inputs
        for mapping in mappings { try add(mapping, searched: [Word(".")], to: &reading) }
        return reading
    }

    /// Adds a file of mappings, and those that it refers to, which are searched beside it as well.
    private func add(_ name: Word, searched: [Word], to reading: inout DriverReading) throws(Recorder.Refusal) {
        guard searched.count < 16 else { throw .dependenciesUnknown }
        let places = name.first == UInt8(ascii: "/") ? [name] : searched.map { $0 + [UInt8(ascii: "/")] + name }
        guard let path = places.first(where: { reading.note($0) }),
            let text = try? RegularFile.bytes(of: Path(bytes: path), limit: 16 << 20)
        else { throw .inputUnreadable }
        let beside = path.lastIndex(of: UInt8(ascii: "/")).map { Word(path[..<$0]) } ?? Word(".")
        var position = 0
        while let found = text.firstIndex(of: Word("ref"), from: position) {
            position = found + 3
            // `{ ref: "more.imp" },` or `- ref: more.imp`, and nothing that is written in a less simple way.
            func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
            func isFiller(_ byte: UInt8) -> Bool { byte <= 32 || isQuote(byte) }
            let rest = text[position...].drop(while: isFiller)
            guard rest.first == UInt8(ascii: ":") else { continue }
            let before = text[..<found].last { !isFiller($0) }
            guard before.map({ Word("{,-").contains($0) }) ?? false else { throw .dependenciesUnknown }
            let name = rest.dropFirst().drop(while: isFiller).prefix {
                !isQuote($0) && $0 != 10 && $0 != UInt8(ascii: "}")
            }
            try add(
                Word(name.reversed().drop { $0 <= 32 }.reversed()),
                searched: searched + [beside],
                to: &reading
            )
        }
    }
}
