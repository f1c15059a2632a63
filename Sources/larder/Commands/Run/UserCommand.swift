internal import Files
internal import Terminal

/// A command line of the user's that runs as a child, with this terminal and these signals.
struct UserCommand {
    private let program: Path
    private let words: [[UInt8]]

    /// Finds the program; fails with status 127 where there is none, and with 126 where it may not be run.
    init(_ words: [[UInt8]]) throws(Failure) {
        guard let program = Executable.find(words[0]) else { throw Self.missing(words[0]) }
        (self.program, self.words) = (program, words)
    }

    /// Why the program called `name` cannot be run.
    static func missing(_ name: [UInt8]) -> Failure {
        let isThere = name.contains(UInt8(ascii: "/")) && FileStatus.of(Path(bytes: name)) != nil
        return isThere
            ? Failure(status: .notExecutable, message: "'\(Text.shown(name))' cannot be run; check its permissions")
            : Failure(status: .notFound, message: "there is no command '\(Text.shown(name))'")
    }

    /// The words with blanks between them, for messages.
    var text: String { Text.shown(Array(words.joined(separator: [0x20]))) }

    /// Runs it to its end.
    func run() throws(Failure) -> Ending {
        do throws(SystemError) { return try start() } catch {
            if error.isCancellation { throw Failure(status: .cancelled, message: "cancelled before the command began") }
            throw Failure(message: "'\(Text.shown(words[0]))' cannot be started: \(error)")
        }
    }

    /// What is no program of the kernel's is a script without a first line, which a shell reads.
    private func start() throws(SystemError) -> Ending {
        do throws(SystemError) {
            return try Child.run(program, arguments: words, output: .inherited, error: .inherited).0
        } catch {
            guard error.isForeignProgram else { throw error }
            let shell = [Array("sh".utf8), Array(program.bytes)] + words.dropFirst()
            return try Child.run("/bin/sh", arguments: shell, output: .inherited, error: .inherited).0
        }
    }
}
