internal import Files

/// What rustc, and the macros that it runs, read from the environment.
struct RustcEnvironment: Sendable {
    /// Variables that always count, sorted, as `NAME=value`.
    private(set) var keyed: [DriverRequest.KeyWord] = []
    /// Variables that shape diagnostics.
    private(set) var presentation: [Word] = []

    init(isClippy: Bool) throws(Bypass) {
        var all: [Word] = []
        Environment.forEach { all.append(Word(UnsafeRawBufferPointer(start: $0, count: Environment.length($0)))) }
        var keyed: [Word] = []
        for variable in all {
            let name = Word(variable.prefix { $0 != UInt8(ascii: "=") })
            if name.equals("RUSTC_LOG") || name.equals("RUST_TARGET_PATH") { throw .environment }
            if Self.isKeyed(name) || isClippy && Self.isForClippy(name) {
                keyed.append(variable)
            } else if Self.isForShow(name) {
                presentation.append(variable)
            }
        }
        // A path of the checkout in a variable moves with it; what comes of it in an output is seen there.
        self.keyed = keyed.sorted { $0.lexicographicallyPrecedes($1) }.map { .path($0) }
        presentation.sort { $0.lexicographicallyPrecedes($1) }
    }

    /// What cargo sets for each crate, and says it would compile anew for; macros read these without a word.
    ///
    /// Not what cargo itself reads: a registry's token among it, or the jobserver's descriptors.
    static func isKeyed(_ name: Word) -> Bool {
        if name.hasPrefix("CARGO_PKG_") || name.hasPrefix("CARGO_MANIFEST_") || name.hasPrefix("CARGO_BIN_") {
            return true
        }
        // The compiler's own, but for those that say what cargo puts in front of it.
        if name.hasPrefix("RUSTC_") { return !isFleeting(name) }
        let names: [StaticString] = [
            "CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "CARGO_TARGET_TMPDIR", "OUT_DIR", "RUST_MIN_STACK",
            "LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT",
        ]
        return names.contains { name.equals($0) }
    }

    private static func isForClippy(_ name: Word) -> Bool {
        name.hasPrefix("CLIPPY_") || name.equals("SYSROOT") || name.equals("RUSTC")
    }

    private static func isForShow(_ name: Word) -> Bool {
        let names: [StaticString] = [
            "TERM", "COLORTERM", "COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR",
        ]
        return names.contains { name.equals($0) }
    }

    /// What changes from one shell, or one command, to the next and means nothing to a macro.
    static func isFleeting(_ name: Word) -> Bool {
        let names: [StaticString] = [
            "_", "PWD", "OLDPWD", "SHLVL", "CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS", "RUST_RECURSION_COUNT",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
        ]
        return name.hasPrefix("LARDER_") || names.contains { name.equals($0) }
    }
}
