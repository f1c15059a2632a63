internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal

/// A call in ccache's way: `ccache gcc …`, `ccache KEY=VALUE … gcc …`, `ccache -s`, or a compiler's name by a link over `ccache`.
enum CCacheCall {
    /// Compiles through the cache, or does what the options say; does not return.
    static func main(_ words: [[UInt8]], ourself: FileIdentity?, tracer: @escaping CompilerCache.Tracer) -> Never {
        var words = words[...]
        var assignments: [[UInt8]] = []
        // ccache's front may have been put before ccache's front.
        while let word = words.first {
            if isAssignment(word) { assignments.append(word) } else if !isFront(word) { break }
            words = words.dropFirst()
        }
        guard let compiler = words.first, compiler.first != UInt8(ascii: "-") else {
            if words.isEmpty, !assignments.isEmpty {
                Console.complain("error: no compiler given, see \"ccache --help\"", as: "ccache")
                StandardStream.end(status: ExitStatus.failure.rawValue)
            }
            CCacheCommands.main()
        }
        let arguments = Array(words.dropFirst())
        passOverSkips(arguments, compiler)
        compile(compiler, arguments, assignments, isStandIn: false, ourself: ourself, tracer: tracer)
    }

    /// Compiles under the name of a compiler that leads here over `ccache`.
    static func standIn(
        _ name: [UInt8],
        _ arguments: [[UInt8]],
        ourself: FileIdentity?,
        tracer: @escaping CompilerCache.Tracer
    ) -> Never {
        compile(name, arguments, [], isStandIn: true, ourself: ourself, tracer: tracer)
    }

    private static func compile(
        _ name: [UInt8],
        _ arguments: [[UInt8]],
        _ assignments: [[UInt8]],
        isStandIn: Bool,
        ourself: FileIdentity?,
        tracer: @escaping CompilerCache.Tracer
    ) -> Never {
        let configuration = CCacheConfiguration(words: assignments)
        CCacheSettings(configuration: configuration).apply()
        var name = name
        let named = configuration.value(of: .compiler)
        if !named.isEmpty { name = named }
        if let found = program(name, in: configuration.value(of: .path)) { name = found }
        CompilerCache.run(name: name, arguments: arguments, ourself: ourself, isStandIn: isStandIn, tracer: tracer)
    }

    /// The program called `name` in the directories that stand in place of `PATH`; nil where there is none.
    ///
    /// `PATH` itself stays, because the compiler looks for its own programs there.
    private static func program(_ name: [UInt8], in directories: [UInt8]) -> [UInt8]? {
        guard !directories.isEmpty, !name.contains(UInt8(ascii: "/")) else { return nil }
        for directory in directories.split(separator: UInt8(ascii: ":")) {
            let path = Path(bytes: directory).appending(bytes: name)
            guard let status = FileStatus.of(path), status.kind == .regular, status.mode & 0o111 != 0 else { continue }
            return Array(path.bytes)
        }
        return nil
    }

    /// `KEY=VALUE` of ccache's configuration; a compiler's path is none.
    private static func isAssignment(_ word: [UInt8]) -> Bool {
        guard let equals = word.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { return false }
        return word[..<equals].allSatisfy {
            $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") || $0 == UInt8(ascii: "_")
        }
    }

    /// True for `ccache`, whatever its path: this program does what it would do.
    private static func isFront(_ word: [UInt8]) -> Bool {
        let name = word.lastIndex(of: UInt8(ascii: "/")).map { word[($0 + 1)...] } ?? word[...]
        return CCacheName.isMeant(by: Array(name))
    }

    /// Starts again without `--ccache-skip`, which stands before a word that ccache is not to read.
    ///
    /// It is no word of the compiler's, and what our command line says must be what the compiler gets.
    private static func passOverSkips(_ arguments: [[UInt8]], _ compiler: [UInt8]) {
        let skip: StaticString = "--ccache-skip"
        guard arguments.contains(where: { skip.isWord($0[...]) }) else { return }
        let given = (0..<Int(CommandLine.argc)).compactMap { index in
            CommandLine.unsafeArgv[index].map {
                Array(UnsafeRawBufferPointer(start: $0, count: Environment.length($0)))
            }
        }
        let kept = given.filter { !skip.isWord($0[...]) }
        _ = Child.replace(with: "/proc/self/exe", arguments: kept)
        // Without /proc it is only slower.
        let rest = arguments.filter { !skip.isWord($0[...]) }
        let error = Child.replace(searching: compiler, arguments: rest)
        Message.write("\(error)")
        Child.exitNow(127)
    }
}
