internal import CommandCache
internal import CompilerCache
internal import Files
internal import LarderStore

// Before anything else: is this a compile? Most calls are, and each of them counts its microseconds.
Launcher.main()

/// Decides what this call is.
enum Launcher {
    static func main() {
        CurrentProcess.begins()
        let ourself = CurrentProcess.program
        guard CommandLine.argc > 0, let called = word(0) else {
            // What nobody has compiled is no success. Where there is no /proc, a dynamic program does not see its words.
            Message.write("the command line cannot be read")
            Child.exitNow(127)
        }
        let name = called.lastIndex(of: UInt8(ascii: "/")).map { Array(called[($0 + 1)...]) } ?? called
        if !name.elementsEqual("larder".utf8) {
            if CCacheName.isMeant(by: name) { CCacheCall.main(words(from: 1), ourself: ourself, tracer: trace) }
            if CCacheName.isOnTheWay() { CCacheCall.standIn(name, words(from: 1), ourself: ourself, tracer: trace) }
            // A symbolic link with a compiler's name.
            CompilerCache.run(
                name: name,
                arguments: words(from: 1),
                ourself: ourself,
                isStandIn: true,
                tracer: trace
            )
        }
        guard let first = CommandLine.unsafeArgv[1], !StoreCommands.claims(first), let compiler = word(1) else {
            StoreCommands.main()
        }
        CompilerCache.run(name: compiler, arguments: words(from: 2), ourself: ourself, tracer: trace)
    }

    /// Gives the result of a compile that has to be seen, or has it made; nil where it is to run as it was given.
    private static func trace(_ compile: SeenCompile, _ settings: Settings) -> Ending? {
        let traced = TracedCompile(of: compile, settings)
        guard case .ended(let ending) = CommandCache.compile(traced, compile.compiler, compile.words, settings) else {
            return nil
        }
        return ending
    }

    /// The word of the command line, byte for byte: `CommandLine.arguments` would repair what is no UTF-8.
    private static func word(_ index: Int) -> [UInt8]? {
        CommandLine.unsafeArgv[index].map { Array(UnsafeRawBufferPointer(start: $0, count: Environment.length($0))) }
    }

    private static func words(from start: Int) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var index = start
        while index < Int(CommandLine.argc), let word = word(index) {
            words.append(word)
            index += 1
        }
        return words
    }
}

extension TracedCompile {
    /// What the one cache says of a compile that the other has to see.
    init(of compile: SeenCompile, _ settings: Settings) {
        self.init(
            words: compile.expanded,
            variables: compile.variables,
            keyText: compile.processor,
            bypass: compile.cause,
            label: compile.label
        )
        (presentation, terminal) = (compile.presentation, compile.terminal)
        (keptStatuses, doubtfulWord) = (compile.keptStatuses, compile.doubtfulWord)
        (isCompiler, isBehindProgram) = (compile.isCompiler, compile.isBehindProgram)
        (trustsClock, compiles) = (settings.ignoresTimeMacros, compile.compiles)
    }
}
