internal import Files

/// The programs on the way from the user's command to this process that may have led back to the launcher.
///
/// A script under a compiler's name that calls the launcher, a copy of the launcher, a program that distributes compiles:
/// each may run the next compiler in `PATH`, and that may be the launcher again, and so on without an end. So the launcher
/// notes in the environment which of them it has run, and passes over them when it is called again. A program that looks
/// like a compiler itself is noted only where the launcher stands in `PATH` under its name, and passed over only when it has
/// come by several times: it may be another cache after all.
///
///     LARDER_PASSED ::= ("!"? device ":" inode)*      decimal, divided by blanks; the youngest last
struct WayBack {
    private static let variable: StaticString = "LARDER_PASSED"
    /// A program that is no compiler may be called from within itself, make by make, but not as often as this.
    private static let deepest = 12
    /// A compiler may call itself by its name, as gcc does for code for the linker.
    private static let deepestCompiler = 6
    /// Stands before what is passed over at once.
    private static let mark = UInt8(ascii: "!")

    /// What this process was started with.
    private static let given = Environment.value(variable)

    private let passed: [Word]
    private let isCompiler: Bool

    /// - Parameter name: what is looked for.
    init(for name: Word) {
        guard let value = Self.given else {
            (passed, isCompiler) = ([], false)
            return
        }
        passed = value.split(separator: 32).map { Word($0) }
        isCompiler = Self.isCompiler(name)
    }

    /// True for a program that was run on the way here, and would lead here again.
    func excludes(_ identity: FileIdentity) -> Bool {
        if passed.isEmpty { return false }
        let word = Self.word(identity)
        if isCompiler, passed.contains([Self.mark] + word) { return true }
        return passed.count { $0.suffix(word.count) == word[...] }
            >= (isCompiler ? Self.deepestCompiler : Self.deepest)
    }

    /// Notes the command's compiler, which is about to run.
    static func note(_ command: CompileCommand) {
        note(command.compiler, named: command.name, isStandIn: command.isStandIn)
    }

    /// Notes a program that is about to run, where it may lead back here; only while there is one thread.
    static func note(_ program: Path, named name: Word, isStandIn: Bool) {
        // What is given by its path is not found again, and finds the environment as it was.
        guard isStandIn || !name.contains(UInt8(ascii: "/")) else { return }
        let isCompiler = isCompiler(Word(name.lastComponent))
        let isPlain = !mayLeadBack(program)
        guard !isPlain || isCompiler && isStandIn, let identity = FileStatus.of(program)?.identity else { return }
        let word = (isPlain ? [] : [mark]) + word(identity)
        // However often this process asks the program something, it has come by once.
        Environment.set(variable, to: given.map { $0 + [32] + word } ?? word)
    }

    /// True for whatever is no plain program: a script, a copy of the launcher, a cache, a distributor of compiles.
    private static func mayLeadBack(_ program: Path) -> Bool {
        guard let file = ProgramFile(at: program), !file.isLarder else { return true }
        guard let real = Directory.realPath(program).map({ Word($0.name) }) else { return true }
        return ProgramSearch.isCache(real) || distributors.contains { real.hasPrefix($0) }
    }

    private static let distributors: [StaticString] = ["distcc", "icecc", "icerun", "gomacc", "rewrapper", "recc"]

    private static func word(_ identity: FileIdentity) -> Word {
        Word("\(identity.device):\(identity.inode)".utf8)
    }

    /// True for a name under which only a compiler, or a program of its kind, is expected.
    private static func isCompiler(_ name: Word) -> Bool {
        let names: [StaticString] = ["cc", "c++", "rustc", "clippy-driver", "swiftc", "swift-frontend", "emcc", "em++"]
        if names.contains(where: { name.equals($0) }) || name.hasSuffix("-cc") || name.hasSuffix("-c++") { return true }
        return ToolNames.family(named: name) != nil || ToolNames.isArchiver(name) || ToolNames.isLinker(name)
            || name.hasPrefix("clang-tidy") || name.hasPrefix("include-what-you-use") || name.hasPrefix("iwyu")
    }
}
