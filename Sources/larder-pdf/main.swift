internal import Files
internal import LarderStore
internal import Terminal

// `larder pdf …`: a program of its own, so that what it needs never weighs on the launcher, which runs it.
StandardStream.openMissing()
LarderPDF.main()

/// Reads the command line and ends the process.
enum LarderPDF {
    static let name = "larder pdf"
    static let commands: [Command] = [.text, .json, .info, .grep, .cache]

    static func main() -> Never { Program.main(name, run) }

    private static func run(_ words: ArraySlice<[UInt8]>) throws(Failure) -> ExitStatus {
        var rest = words
        let name = rest.popFirst().map { Text.shown($0) } ?? "--help"
        switch name {
        case "--version":
            try Console.print("larder pdf \(Version.text)\n")
            return .success
        case "--help", "-h", "help":
            if let topic = rest.first {
                try Console.print(try command(Text.shown(topic)).help)
            } else {
                try Console.print(Help.overview)
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

    private static func command(_ name: String) throws(Failure) -> Command {
        guard let command = commands.first(where: { $0.name == name }) else {
            let names = commands.map(\.name).joined(separator: ", ")
            throw Failure(status: .usage, message: "there is no command '\(name)'; there are \(names)")
        }
        return command
    }
}
