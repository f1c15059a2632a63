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
        try Program.perform(words, of: name, version: Version.text, commands, overview: Help.overview)
    }
}
