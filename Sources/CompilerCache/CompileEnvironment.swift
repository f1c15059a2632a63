internal import Files

/// What compilers read from the environment.
struct CompileEnvironment: Sendable {
    /// Variables that shape what is compiled or said, sorted, as `NAME=value`.
    private(set) var keyed: [Word] = []
    /// Variables that shape diagnostics on a terminal or in colour; they count only where there are any.
    private(set) var presentation: [Word] = []
    /// `SOURCE_DATE_EPOCH`, which counts only where the date is used.
    private(set) var epoch: Word?
    /// The working directory as the shell names it, which debug information prefers.
    private(set) var logicalDirectory: Word = []

    /// Reads the process's environment once; throws where a variable asks for a side effect.
    init() throws(Bypass) {
        var found: [Word] = []
        Environment.forEach { entry in
            // Every name that matters begins with one of these letters.
            switch UInt8(bitPattern: entry.pointee) {
            case UInt8(ascii: "C"), UInt8(ascii: "D"), UInt8(ascii: "F"), UInt8(ascii: "G"), UInt8(ascii: "I"),
                UInt8(ascii: "L"), UInt8(ascii: "M"), UInt8(ascii: "N"), UInt8(ascii: "O"), UInt8(ascii: "P"),
                UInt8(ascii: "Q"), UInt8(ascii: "S"), UInt8(ascii: "T"), UInt8(ascii: "W"), UInt8(ascii: "X"):
                var word: Word = []
                var next = entry
                while next.pointee != 0 {
                    word.append(UInt8(bitPattern: next.pointee))
                    next += 1
                }
                found.append(word)
            default: break
            }
        }
        for word in found {
            guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else { continue }
            switch Self.role(of: Word(word[..<equals])) {
            case .none: break
            case .keyed: keyed.append(word)
            case .presentation: presentation.append(word)
            case .epoch: epoch = Word(word[(equals + 1)...])
            case .directory: logicalDirectory = Word(word[(equals + 1)...])
            case .sideEffect: throw .environment
            }
        }
        keyed.sort { $0.lexicographicallyPrecedes($1) }
        presentation.sort { $0.lexicographicallyPrecedes($1) }
    }

    private enum Role { case none, keyed, presentation, epoch, directory, sideEffect }

    private static func role(of name: Word) -> Role {
        if name.equals("PWD") { return .directory }
        if name.equals("SOURCE_DATE_EPOCH") { return .epoch }
        let presentation: [StaticString] = [
            "TERM", "COLUMNS", "COLORTERM", "GCC_COLORS", "GCC_URLS", "TERM_URLS", "NO_COLOR", "CLICOLOR",
            "CLICOLOR_FORCE", "FORCE_COLOR", "GCC_EXTRA_DIAGNOSTIC_OUTPUT",
        ]
        for known in presentation where name.equals(known) { return .presentation }
        let sideEffects: [StaticString] = [
            "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES", "CC_PRINT_OPTIONS", "CC_PRINT_HEADERS", "CC_LOG_DIAGNOSTICS",
            "CC_PRINT_PROC_STAT", "CC_PRINT_INTERNAL_STAT", "GCC_COMPARE_DEBUG", "FORCE_CLANG_DIAGNOSTICS_CRASH",
            "CLANG_CRASH_DIAGNOSTICS_DIR",
        ]
        for known in sideEffects where name.equals(known) { return .sideEffect }
        let exact: [StaticString] = [
            "LANG", "LANGUAGE", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH",
            "OBJCPLUS_INCLUDE_PATH", "COMPILER_PATH", "LIBRARY_PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT",
            "LOCPATH", "NLSPATH", "SDKROOT", "QA_OVERRIDE_GCC3_OPTIONS", "INCLUDE",
        ]
        for known in exact where name.equals(known) { return .keyed }
        let prefixes: [StaticString] = ["LC_", "GCC_", "CCC_", "COLLECT_", "CLANG_", "LLVM_", "ICC_", "XCODE_"]
        for prefix in prefixes where name.hasPrefix(prefix) { return .keyed }
        return name.hasSuffix("_DEPLOYMENT_TARGET") ? .keyed : .none
    }
}
