internal import Files
internal import LarderStore
internal import Terminal

// `larder remote …`, and what the daemon starts to talk to remote caches: a program of its own, so that the network never
// weighs on the launcher or the daemon.
StandardStream.openMissing()
LarderRemote.main()

/// Reads the command line and ends the process.
enum LarderRemote {
    static let name = "larder remote"
    static let commands: [Command] = [.test, .status, .keygen]

    static func main() -> Never { Program.main(name, run) }

    private static func run(_ words: ArraySlice<[UInt8]>) throws(Failure) -> ExitStatus {
        var rest = words
        let name = rest.popFirst().map { Text.shown($0) } ?? "--help"
        switch name {
        case "serve":
            guard let directory = rest.first, rest.count == 1 else {
                throw Failure(status: .usage, message: "'serve' is for the daemon, which starts it by itself")
            }
            try Service.run(for: Path(bytes: directory))
            return .success
        case "--version":
            try Console.print("larder remote \(Version.text)\n")
            return .success
        case "--help", "-h", "help":
            if let topic = rest.first {
                try Console.print(try command(Text.shown(topic)).help)
            } else {
                try Console.print(overview)
            }
            return words.isEmpty ? .usage : .success
        default:
            let command = try command(name)
            let arguments = try Arguments(rest, for: command)
            guard arguments.has("help") else { return try command.perform(arguments) }
            try Console.print(command.help)
            return .success
        }
    }

    private static var overview: String {
        let rows = commands.map { ["  \($0.name)", $0.summary] }
        return """
            Use what other machines have compiled: the setting 'remote' names Redis, HTTP and S3 servers.

            Usage: larder remote COMMAND [OPTIONS]

            Commands:

            """ + TextTable.aligned(rows) + """

                'larder config set remote redis://cache.lan:6379' sets one up; 'man larder-team' says more.

                """
    }

    private static func command(_ name: String) throws(Failure) -> Command {
        guard let command = commands.first(where: { $0.name == name }) else {
            let names = commands.map(\.name).joined(separator: ", ")
            throw Failure(status: .usage, message: "there is no command '\(name)'; there are \(names)")
        }
        return command
    }
}
