internal import LarderStore
internal import Terminal

/// The commands with which a user looks after the cache: everything but the launcher itself.
enum StoreCommands {
    /// In the order of `larder --help`.
    static let all: [Command] = [
        .initialise, .exec, .run, .fingerprint, .keyValue, .stats, .why, .report, .top, .doctor, .config, .verify,
        .collect, .purge,
        .clear,
        .session, .import, .ci,
        .daemon, .lock, .swift, .completions,
    ]

    /// True when `word`, the first on the command line, is for ``main()``; anything else is a compiler.
    ///
    /// A list of its own, so that a launch need not build the commands to find out.
    static func claims(_ word: UnsafePointer<CChar>) -> Bool {
        let words: [StaticString] = [
            "stats", "config", "verify", "gc", "purge", "clear", "session", "daemon", "lock", "completions", "jdk",
            "pdf", "remote", "help", "--help", "-h",
            "--version", "run", "exec", "fingerprint", "kv", "swift", "init", "why", "doctor", "import", "ci",
            "report", "top",
        ]
        return words.contains { candidate in
            candidate.withUTF8Buffer { bytes in
                for (index, byte) in bytes.enumerated() where UInt8(bitPattern: word[index]) != byte { return false }
                return word[bytes.count] == 0
            }
        }
    }

    /// Runs the command that the command line of this process names, and ends the process.
    static func main() -> Never { Program.main("larder", run) }

    private static func run(_ words: ArraySlice<[UInt8]>) throws(Failure) -> ExitStatus {
        var rest = words
        guard let first = rest.popFirst() else {
            throw Failure(status: .usage, message: "name a compiler, as in 'larder gcc -c a.c', or see 'larder --help'")
        }
        let name = Text.shown(first)
        switch name {
        case "--version":
            try Console.print(try VersionReport.text(rest))
            return .success
        case "--help", "-h", "help":
            guard let topic = rest.first else {
                try Console.print(Help.overview)
                return .success
            }
            if let neighbour = Neighbour(Text.shown(topic)) { throw neighbour.become([Array("--help".utf8)]) }
            try Console.print(try command(Text.shown(topic)).help)
            return .success
        default:
            if let neighbour = Neighbour(name) { throw neighbour.become(Array(rest)) }
            // Everything behind it is for swift, `--help` too.
            if name == "swift" { throw SwiftPackage.become(Array(rest)) }
            let command = try command(name)
            let arguments = try Arguments(rest, for: command)
            guard arguments.has("help") else { return try command.perform(arguments) }
            try Console.print(command.help)
            return .success
        }
    }

    private static func command(_ name: String) throws(Failure) -> Command {
        // Without making all the others: a replayed command counts its microseconds, too.
        if name == "run" { return .run }
        guard let command = all.first(where: { $0.name == name }) else {
            let names = all.map(\.name).joined(separator: ", ")
            throw Failure(status: .usage, message: "there is no command '\(name)'; there are \(names)")
        }
        return command
    }
}
