internal import Files

/// What the programs that take commands have in common.
package enum Program {
    /// Hands `run` the words of this process's command line behind its name, byte for byte, and ends the process as it says;
    /// what it throws is said with the name of the program before it.
    package static func main(
        _ name: String,
        _ run: (ArraySlice<[UInt8]>) throws(Failure) -> ExitStatus
    ) -> Never {
        StandardStream.reportFailedWrites()
        let words = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map {
                Array(UnsafeRawBufferPointer(start: $0, count: Environment.length($0)))
            }
        }
        do throws(Failure) {
            StandardStream.end(status: try run(words[...]).rawValue)
        } catch {
            Console.complain(error.message, as: name)
            StandardStream.end(status: error.status.rawValue)
        }
    }

    /// Does what the words say: one of `commands`, help, or the version.
    ///
    /// - Parameters:
    ///   - name: stands before a command's name in every sentence.
    ///   - overview: what `--help` prints.
    package static func perform(
        _ words: ArraySlice<[UInt8]>,
        of name: String,
        version: String,
        _ commands: [Command],
        overview: String
    ) throws(Failure) -> ExitStatus {
        func command(_ word: String) throws(Failure) -> Command {
            if let command = commands.first(where: { $0.name == word }) { return command }
            let names = commands.map(\.name).joined(separator: ", ")
            throw Failure(status: .usage, message: "there is no command '\(word)'; there are \(names)")
        }
        var rest = words
        let word = rest.popFirst().map { Text.shown($0) } ?? "--help"
        switch word {
        case "--version":
            try Console.print("\(name) \(version)\n")
            return .success
        case "--help", "-h", "help":
            try Console.print(
                try rest.first.map { topic throws(Failure) in try command(Text.shown(topic)).help } ?? overview
            )
            return words.isEmpty ? .usage : .success
        default:
            let command = try command(word)
            let arguments = try Arguments(rest, for: command)
            guard arguments.has("help") else { return try command.perform(arguments) }
            try Console.print(command.help)
            return .success
        }
    }
}
