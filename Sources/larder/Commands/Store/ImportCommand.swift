internal import Files
internal import Terminal

extension Command {
    /// Takes what `session export` has written, as 'larder remote import' does.
    static let `import` = Command(
        name: "import",
        summary: "Take the results in files that 'larder session export' has written",
        discussion: """
            A result is used like one of this machine: where its inputs have the same contents. With 'remote_trust', only what a
            trusted key has signed is taken. Ends with 1 where something in a file could not be used.
            """,
        forms: ["FILE..."],
        operands: 1...10_000,
        options: [json],
        run: runImport
    )

    private static func runImport(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        var words = [Array("import".utf8)]
        if let directory = arguments.value(of: "dir") { words.append(Array("--dir=".utf8) + directory) }
        if arguments.has("json") { words.append(Array("--json".utf8)) }
        throw Neighbour.remote.become(words + [Array("--".utf8)] + arguments.operands)
    }
}
