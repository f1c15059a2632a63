internal import Files

/// What swiftc and the clang inside read from the environment.
struct SwiftEnvironment: Sendable {
    /// Variables that shape what is compiled, sorted, as `NAME=value`.
    private(set) var keyed: [Word] = []
    /// Variables that shape diagnostics on a terminal.
    private(set) var presentation: [Word] = []

    /// - Parameter namesModuleCache: the place of compiled C modules follows from the user's directories.
    init(in directory: Path, namesModuleCache: Bool) throws(Bypass) {
        var hasSideEffect = false
        // Another name of the working directory, which LLVM prefers.
        if let name = Environment.value("PWD"), !name.elementsEqual(directory.bytes),
            Directory.realPath(Path(bytes: name))?.bytes.elementsEqual(directory.bytes) ?? false
        {
            keyed.append(Word("PWD=") + name)
        }
        Environment.forEach { entry in
            let word = Word(UnsafeRawBufferPointer(start: entry, count: Environment.length(entry)))
            switch Self.role(of: Word(word.prefix { $0 != UInt8(ascii: "=") }), namesModuleCache) {
            case .none: break
            case .keyed: keyed.append(word)
            case .presentation: presentation.append(word)
            case .sideEffect: hasSideEffect = true
            }
        }
        if hasSideEffect { throw .environment }
        keyed.sort { $0.lexicographicallyPrecedes($1) }
        presentation.sort { $0.lexicographicallyPrecedes($1) }
    }

    private enum Role { case none, keyed, presentation, sideEffect }

    private static func role(of name: Word, _ namesModuleCache: Bool) -> Role {
        let presentation: [StaticString] = [
            "TERM", "COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLORTERM",
        ]
        if presentation.contains(where: { name.equals($0) }) { return .presentation }
        // Programs and options behind our back.
        if name.hasPrefix("SWIFT_DRIVER_") || name.hasPrefix("CCC_") || name.hasPrefix("CC_PRINT_") {
            return .sideEffect
        }
        // What SwiftPM reads.
        if name.hasPrefix("SWIFTPM_") || name.equals("SWIFT_EXEC") || name.equals("SWIFT_EXEC_MANIFEST") {
            return .none
        }
        let prefixes: [StaticString] = ["SWIFT", "CLANG_", "LLVM_", "LC_", "LD_", "ASAN_", "TSAN_", "UBSAN_"]
        if prefixes.contains(where: { name.hasPrefix($0) }) { return .keyed }
        let names: [StaticString] = [
            "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH", "OBJCPLUS_INCLUDE_PATH", "SDKROOT",
            "TOOLCHAINS", "DEVELOPER_DIR", "LANG", "LANGUAGE", "SOURCE_DATE_EPOCH", "TMPDIR",
        ]
        if names.contains(where: { name.equals($0) }) || name.hasSuffix("_DEPLOYMENT_TARGET") { return .keyed }
        if namesModuleCache, name.equals("HOME") || name.equals("XDG_CACHE_HOME") { return .keyed }
        return .none
    }
}
