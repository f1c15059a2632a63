internal import Files

/// What compilers read from the environment.
struct CompileEnvironment: Sendable {
    /// Variables that shape what is compiled or said, sorted, as `NAME=value`.
    private(set) var keyed: [Word] = []
    /// Variables that shape diagnostics on a terminal or in colour; they count only where there are any.
    private(set) var presentation: [Word] = []
    /// `SOURCE_DATE_EPOCH`, which counts only where the date is used.
    private(set) var epoch: Word?
    /// The working directory by the name that debug information has.
    private(set) var logicalDirectory: Word = []

    /// What another process has read.
    init(keyed: [Word], presentation: [Word], epoch: Word?, logicalDirectory: Word) {
        (self.keyed, self.presentation) = (keyed, presentation)
        (self.epoch, self.logicalDirectory) = (epoch, logicalDirectory)
    }

    /// Reads the process's environment once; throws where a variable asks for a side effect.
    ///
    /// - Parameters:
    ///   - front: a program in front of the compiler reads more.
    ///   - directory: the working directory.
    init(front: Front? = nil, in directory: Path) throws(Bypass) {
        var hasSideEffect = false
        var given: Word?
        Environment.forEach { entry in
            let role = front == .emscripten ? Self.emscriptenRole(of: entry) : Self.role(of: entry)
            if role == .none { return }
            var word = Word(UnsafeRawBufferPointer(start: entry, count: Environment.length(entry)))
            if word.hasPrefix("LD_LIBRARY_PATH=") {
                let name = word.prefix("LD_LIBRARY_PATH=".utf8.count)
                let meaning = LoaderPath.meaning(of: Word(word.dropFirst(name.count)))
                if meaning.isEmpty { return }
                word = Word(name) + meaning
            }
            if word.hasPrefix("LD_PRELOAD=") {
                let value = Word(word.dropFirst("LD_PRELOAD=".utf8.count))
                keyed.append(Word("LD_PRELOAD ") + LoaderPath.presence(ofPreloads: value))
            }
            switch role {
            case .none: break
            case .keyed:
                keyed.append(word)
                if Self.movesPrograms(word) { hasSideEffect = true }
                if front == .emscripten, EmscriptenEnvironment.hasSideEffect(word) { hasSideEffect = true }
            case .presentation: presentation.append(word)
            case .epoch: epoch = Word(word[("SOURCE_DATE_EPOCH=" as StaticString).utf8CodeUnitCount...])
            case .directory: given = Word(word[4...])
            case .sideEffect: hasSideEffect = true
            }
        }
        logicalDirectory = LogicalDirectory.name(of: directory, given: given)
        if hasSideEffect { throw .environment }
        if keyed.count > 1 { keyed.sort { $0.lexicographicallyPrecedes($1) } }
        if presentation.count > 1 { presentation.sort { $0.lexicographicallyPrecedes($1) } }
    }

    /// True where the compiler's own programs are searched in a way that is not followed: relative to the directory, say.
    private static func movesPrograms(_ variable: Word) -> Bool {
        if variable.hasPrefix("GCC_EXEC_PREFIX=") { return true }
        guard variable.hasPrefix("COMPILER_PATH=") else { return false }
        return directories(in: variable).contains { $0.first != UInt8(ascii: "/") }
    }

    /// The directories that a variable names, an empty name for the working directory.
    private static func directories(in variable: Word) -> [Word] {
        guard let equals = variable.firstIndex(of: UInt8(ascii: "=")) else { return [] }
        return variable[(equals + 1)...].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { $0.isEmpty ? Word(".") : Word($0) }
    }

    /// `LD_LIBRARY_PATH`, empty where it is not set.
    var libraryPathOfLoader: Word {
        keyed.first { $0.hasPrefix("LD_LIBRARY_PATH=") }.map { Word($0.dropFirst("LD_LIBRARY_PATH=".utf8.count)) } ?? []
    }

    /// Where the compiler looks for its own programs first.
    var compilerPath: [Word] { keyed.first { $0.hasPrefix("COMPILER_PATH=") }.map(Self.directories) ?? [] }

    /// Where gcc looks for files of its linker's, and for its specs.
    var libraryPath: [Word] { keyed.first { $0.hasPrefix("LIBRARY_PATH=") }.map(Self.directories) ?? [] }

    /// The variables that decide how diagnostics look.
    static let presentationNames: [StaticString] = [
        "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "COLUMNS", "FORCE_COLOR", "GCC_COLORS",
        "GCC_EXTRA_DIAGNOSTIC_OUTPUT",
        "GCC_URLS", "NO_COLOR", "TERM", "TERM_URLS",
    ]

    /// Those of them that say what the terminal can do: whoever writes to no terminal does not ask.
    static let terminalNames: [StaticString] = ["COLORTERM", "COLUMNS", "TERM"]

    /// The variables that decide how diagnostics look on this process's streams, as `NAME=value`.
    var effectivePresentation: [Word] {
        if Terminal.output.isTerminal || Terminal.error.isTerminal { return presentation }
        return presentation.filter { variable in
            !Self.terminalNames.contains {
                variable.hasPrefix($0) && variable[$0.utf8CodeUnitCount] == UInt8(ascii: "=")
            }
        }
    }

    private enum Role { case none, keyed, presentation, epoch, directory, sideEffect }

    private static func begins(_ entry: UnsafePointer<CChar>, with name: StaticString, isWhole: Bool) -> Bool {
        let length = name.utf8CodeUnitCount
        // A variable that is shorter ends with a NUL, which no name has.
        for index in 0..<length where UInt8(bitPattern: entry[index]) != name.utf8Start[index] { return false }
        return !isWhole || entry[length] == CChar(UInt8(ascii: "="))
    }

    /// The role of `NAME=value`, told by comparing in place: a hit reads every variable.
    private static func role(of entry: UnsafePointer<CChar>) -> Role {
        func named(_ name: StaticString) -> Bool { Self.begins(entry, with: name, isWhole: true) }
        func starts(with prefix: StaticString) -> Bool { Self.begins(entry, with: prefix, isWhole: false) }
        switch UInt8(bitPattern: entry.pointee) {
        case UInt8(ascii: "C"):
            if named("COLUMNS") || named("COLORTERM") || named("CLICOLOR") || named("CLICOLOR_FORCE") {
                return .presentation
            }
            // Options behind our back.
            if starts(with: "CCC_") { return .sideEffect }
            if starts(with: "CC_PRINT_") || named("CC_LOG_DIAGNOSTICS") || named("CLANG_CRASH_DIAGNOSTICS_DIR") {
                return .sideEffect
            }
            if named("CPATH") || named("C_INCLUDE_PATH") || named("CPLUS_INCLUDE_PATH") || named("COMPILER_PATH") {
                return .keyed
            }
            if starts(with: "COLLECT_") || starts(with: "CLANG_") { return .keyed }
        case UInt8(ascii: "A") where named("AS_SECURE_LOG_FILE"), UInt8(ascii: "R") where starts(with: "RC_DEBUG_"),
            UInt8(ascii: "V") where starts(with: "VCTools") || named("VCINSTALLDIR"),
            UInt8(ascii: "E") where named("EXTERNAL_INCLUDE"):
            return .keyed
        case UInt8(ascii: "D"):
            if named("DEPENDENCIES_OUTPUT") { return .sideEffect }
        case UInt8(ascii: "F"):
            if named("FORCE_COLOR") { return .presentation }
            if named("FORCE_CLANG_DIAGNOSTICS_CRASH") { return .sideEffect }
        case UInt8(ascii: "G"):
            if named("GCC_COLORS") || named("GCC_URLS") || named("GCC_EXTRA_DIAGNOSTIC_OUTPUT") { return .presentation }
            // The C library reads files of its own there.
            if named("GCC_COMPARE_DEBUG") || named("GCONV_PATH") { return .sideEffect }
            if starts(with: "GCC_") { return .keyed }
        case UInt8(ascii: "I"):
            if named("INCLUDE") || starts(with: "ICC_") { return .keyed }
        case UInt8(ascii: "L"):
            let isKeyed =
                named("LANG") || named("LANGUAGE") || named("LC_ALL") || named("LC_CTYPE") || named("LC_MESSAGES")
                || named("LC_COLLATE") || named("LC_NUMERIC") || named("LC_TIME") || named("LOCPATH")
                || named("LIBRARY_PATH") || named("LD_LIBRARY_PATH") || named("LD_PRELOAD") || named("LD_AUDIT")
                || starts(with: "LLVM_") && !named("LLVM_PROFILE_FILE")
            if isKeyed { return .keyed }
        case UInt8(ascii: "N"):
            if named("NO_COLOR") { return .presentation }
            if named("NLSPATH") { return .keyed }
        case UInt8(ascii: "O"):
            if named("OBJC_INCLUDE_PATH") || named("OBJCPLUS_INCLUDE_PATH") { return .keyed }
        case UInt8(ascii: "P"):
            if named("PWD") { return .directory }
        case UInt8(ascii: "Q"):
            if named("QA_OVERRIDE_GCC3_OPTIONS") { return .keyed }
        case UInt8(ascii: "S"):
            if named("SOURCE_DATE_EPOCH") { return .epoch }
            if named("SUNPRO_DEPENDENCIES") { return .sideEffect }
            if named("SDKROOT") { return .keyed }
        case UInt8(ascii: "T"):
            if named("TERM") || named("TERM_URLS") { return .presentation }
        default: break
        }
        return isDeploymentTarget(entry) ? .keyed : .none
    }

    /// The role of `NAME=value` where emcc stands in front of clang.
    private static func emscriptenRole(of entry: UnsafePointer<CChar>) -> Role {
        let role = role(of: entry)
        return role == .none && EmscriptenEnvironment.reads(entry) ? .keyed : role
    }

    /// `MACOSX_DEPLOYMENT_TARGET` and its like.
    private static func isDeploymentTarget(_ entry: UnsafePointer<CChar>) -> Bool {
        let suffix: StaticString = "_DEPLOYMENT_TARGET="
        var start = 0
        while entry[start] != 0, entry[start] != CChar(UInt8(ascii: "=")) {
            if entry[start] == CChar(UInt8(ascii: "_")) {
                var index = 0
                while index < suffix.utf8CodeUnitCount,
                    UInt8(bitPattern: entry[start + index]) == suffix.utf8Start[index]
                {
                    index += 1
                }
                if index == suffix.utf8CodeUnitCount { return true }
            }
            start += 1
        }
        return false
    }
}
