internal import Files

/// A command line of emcc's.
enum EmscriptenCommand {
    /// Reads a command line, with the words of `EMCC_CFLAGS` behind it, which emcc adds by itself.
    ///
    /// - Returns: all words, and what they ask for.
    static func read(_ command: CompileCommand) throws(Bypass) -> (arguments: [Word], request: CompileRequest) {
        let given = try ResponseFile.expand(command.arguments, in: command.directory, isPlain: true)
        let added = try words(of: Environment.value("EMCC_CFLAGS") ?? [])
        let arguments = given + added
        var request = try CommandLineReader.read(arguments, family: .clang, front: .emscripten, name: command.name)
        // What is written, and where to, is not in the arguments of a run: it has to be said in the command line.
        guard request.runArguments.suffix(added.count).elementsEqual(added),
            !added.contains(where: { $0.equals("-c") })
        else { throw .environment }
        request.runArguments.removeLast(added.count)
        return (arguments, request)
    }

    /// The words of a variable; only of one that every shell would take apart alike.
    private static func words(of text: [UInt8]) throws(Bypass) -> [Word] {
        guard text.allSatisfy(ResponseFile.isPlain) else { throw .environment }
        let words = text.split { $0 == 32 || (9...13).contains($0) }.map(Word.init)
        if words.contains(where: { $0.first == UInt8(ascii: "@") }) { throw .environment }
        return words
    }

    /// True where emcc says that it built a library, cleared its cache or waited for it: what it says only once.
    ///
    /// Its log has lines such as `cache:INFO: generating system asset: …`; what it says of the source has another form.
    static func hasFilledCache(_ diagnostics: [UInt8]) -> Bool {
        diagnostics.firstIndex(of: Word(":INFO: ")) != nil || diagnostics.firstIndex(of: Word(":WARNING: ")) != nil
    }
}
