internal import CommandCache
internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Runs any command, or gives what it gave before.
    static let run = Command(
        name: "run",
        summary: "Run a command, or give its result again while nothing that counts has changed",
        discussion: """
            What counts: the command's words in order, the program and its interpreter by their content, and what the
            options name. Everything else, such as other variables, the network or the time, does not, so name what the
            tool reads. Its outputs, streams and exit status are given as the tool gave them, without running it.

            PATH of --input may hold *, ?, [a-z] and ** for any number of directories; quote them, so that the shell
            leaves them alone. A directory counts with all that is in it, names that begin with a dot included.
            --output names a file or a directory, which then belongs to the tool whole. An output that was not
            made is not made again either.

            Without --stdin the tool's input is as given and does not count; a hit does not read it. With it, input is
            read to its end first. --dry-run runs nothing, and ends with 0 for a hit and 1 for a miss, whose cause it
            shows. Whatever goes wrong with the cache, the command runs as given; the exit status is the command's, 127
            where there is none, and 2 for options that make no sense.

            With --trace the tool's processes note what they read, look for in vain, list and make; the working directory
            and all variables count. A result is kept only if the notes are complete, and if neither the time, chance nor a
            connection was asked for; --deterministic=yes says that time and chance do not matter.

              larder run --trace -- make
              larder run --input 'src/**/*.proto' --output gen -- protoc --cpp_out=gen src/a.proto
              larder run --input data.csv --env LANG --ttl 1d -- ./report data.csv
            """,
        forms: ["[--input PATH]... [--output PATH]... -- TOOL [ARGUMENT]..."],
        operands: 0...Int.max,
        takesCommandLine: true,
        options: [
            Option(name: "input", short: "i", value: "PATH", summary: "A file, directory or pattern that counts"),
            Option(name: "trace", short: "t", summary: "See what the tool reads and makes; nothing need be named"),
            Option(name: "stdin", summary: "Standard input counts"),
            Option(name: "output", short: "o", value: "PATH", summary: "A file or directory that the tool makes"),
            Option(name: "env", short: "e", value: "NAME", summary: "An environment variable that counts"),
            Option(
                name: "depfile",
                value: "FILE",
                summary: "A file in which the tool names, for make, what it has read"
            ),
            Option(name: "cwd", summary: "The working directory counts"),
            Option(name: "key", value: "TEXT", summary: "Any text that counts, such as a version"),
            Option(name: "ttl", value: "TIME", summary: "How old a result may be: 90s, 10m, 12h, 7d"),
            Option(name: "store-status", value: "LIST", summary: "The exit statuses whose results are kept (0)"),
            Option(
                name: "deterministic",
                value: "yes|no",
                summary: "no: two runs may rightly differ, so none is counted"
            ),
            Option(name: "dry-run", short: "n", summary: "Say whether it would be a hit and why not; run nothing"),
        ],
        run: runCommand
    )

    private static func runCommand(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let request = try request(arguments)
        let name = Text.shown(request.words[0])
        guard let tool = Tool(request.words[0]) else {
            // A file that cannot be looked at may still be run: only the kernel knows.
            if !arguments.has("dry-run") {
                _ = Child.replace(searching: request.words[0], arguments: Array(request.words.dropFirst()))
            }
            throw UserCommand.missing(request.words[0])
        }
        let isDry = arguments.has("dry-run")
        let settings: Settings
        do throws(Failure) {
            settings = try arguments.settings(isQuiet: !isDry, checksContent: isDry)
        } catch {
            // As for a compiler: what is wrong with the cache is no reason not to run the command.
            guard !isDry, !error.isStrict, error.status == .usage, arguments.value(of: "dir") == nil else {
                throw error
            }
            throw become(tool, request)
        }
        let cache = CommandCache(settings)
        if isDry { return try show(cache.forecast(request, tool: tool)) }
        let index = Int(CommandLine.argc) - request.words.count
        Crash.becomes(tool.path, wordsFrom: index, isRenamed: false)
        Crash.isCounted(in: settings.directory, log: settings.log)
        CrashPoint.reach("started")
        switch cache.run(request, tool: tool) {
        case .ended(let ending): Child.end(as: ending)
        case .asGiven: throw become(tool, request)
        case .inputLost(let error):
            throw Failure(message: "standard input could not be kept for '\(name)', which was not run: \(error)")
        }
    }

    /// Goes on as the tool; returns only why that failed.
    private static func become(_ tool: Tool, _ request: CommandRequest) -> Failure {
        let error = Child.replace(with: tool.path, arguments: request.words)
        return Failure(
            status: error.isAbsence ? .notFound : .notExecutable,
            message: "'\(Text.shown(request.words[0]))' cannot be started: \(error)"
        )
    }

    private static func request(_ arguments: Arguments) throws(Failure) -> CommandRequest {
        guard let first = arguments.operands.first, !first.isEmpty else {
            throw Failure(usage: "'run' takes a command, as in 'larder run --input a -- tool a'", .run)
        }
        var request = CommandRequest(words: arguments.operands)
        request.inputs = try arguments.names("input")
        request.outputs = try arguments.names("output")
        request.variables = try arguments.variables()
        request.readsInput = arguments.has("stdin")
        request.isTraced = arguments.has("trace")
        request.countsDirectory = arguments.has("cwd")
        request.keyText = arguments.value(of: "key")
        request.dependencyFile = try arguments.names("depfile").last
        if let text = arguments.value(of: "ttl") {
            // A number alone is in seconds here.
            guard let age = Age(text) ?? Age(text + "s".utf8), age.nanoseconds <= Age.century else {
                throw Failure(
                    usage: "--ttl is '\(Text.shown(text))', but it must be a time as in 90s, 10m, 12h, 7d",
                    .run
                )
            }
            request.lifetime = age.nanoseconds
        }
        if let list = arguments.value(of: "store-status") {
            let numbers = list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { word in
                Int32(String(decoding: word, as: UTF8.self))
            }
            let statuses = numbers.compactMap { $0 }.filter { (0...255).contains($0) }
            guard statuses.count == numbers.count else {
                throw Failure(
                    usage: "--store-status is '\(Text.shown(list))', but it must be numbers from 0 to 255 as in 0,1",
                    .run
                )
            }
            request.keptStatuses = statuses
        }
        switch arguments.value(of: "deterministic").map({ Text.shown($0) }) {
        case nil: break
        case "yes": request.trustsClock = true
        case "no": (request.isDeterministic, request.trustsClock) = (false, true)
        case let word?: throw Failure(usage: "--deterministic is '\(word)', but it must be yes or no", .run)
        }
        return request
    }

    private static func show(_ forecast: CommandCache.Forecast) throws(Failure) -> ExitStatus {
        if forecast.isHit {
            let (age, saves) = (Text.duration(milliseconds: forecast.age), Text.duration(milliseconds: forecast.saves))
            try Console.print("hit: made \(age) ago, saves \(saves)\n\(undeclared(forecast))")
            return .success
        }
        var text = "miss: \(forecast.reason)\n"
        let shown = 20
        for difference in forecast.differences.prefix(shown) { text += "  \(difference)\n" }
        if forecast.differences.count > shown { text += "  and \(forecast.differences.count - shown) more\n" }
        try Console.print(text + undeclared(forecast))
        return .failure
    }

    /// What a traced command read that no option names.
    private static func undeclared(_ forecast: CommandCache.Forecast) -> String {
        let shown = 20
        var text = ""
        for name in forecast.undeclared.prefix(shown) { text += "  read, not declared: \(Text.shown(name))\n" }
        if forecast.undeclared.count > shown { text += "  and \(forecast.undeclared.count - shown) more\n" }
        return text
    }
}

extension Arguments {
    /// The values of an option that names files.
    func names(_ option: String) throws(Failure) -> [[UInt8]] {
        let names = values(of: option)
        guard !names.contains([]) else {
            throw Failure(status: .usage, message: "option '--\(option)' is empty, but it must be a path")
        }
        return names
    }

    /// The variables that count.
    func variables() throws(Failure) -> [[UInt8]] {
        let names = values(of: "env")
        guard !names.contains(where: { $0.isEmpty || $0.contains(UInt8(ascii: "=")) }) else {
            throw Failure(status: .usage, message: "option '--env' takes the name of a variable, without a value")
        }
        return names
    }
}
