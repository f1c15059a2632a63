/// What rustc's options mean to a cache.
///
/// A word that no rule names makes a bypass, unstable options (`-Z`) among them.
enum RustcOptions {
    enum Meaning: Sendable {
        /// Part of the key, in its place; nothing else.
        case keyed
        /// Shapes diagnostics only.
        case presentation
        case crateName
        case crateType
        case emit
        case outputDirectory
        case output
        case externCrate
        case searchPath
        case library
        case systemRoot
        case target
        case test
        case remap
        case configuration
        case codegen
        case bypass(Bypass)
    }

    struct Rule: Sendable {
        let name: StaticString
        let takesValue: Bool
        let meaning: Meaning

        init(_ name: StaticString, _ meaning: Meaning, takesValue: Bool = true) {
            (self.name, self.meaning, self.takesValue) = (name, meaning, takesValue)
        }
    }

    /// Options of one letter: the value is the rest of the word, or the next one.
    static let short: [Rule] = [
        Rule("-C", .codegen),
        Rule("-L", .searchPath),
        Rule("-l", .library),
        Rule("-o", .output),
        Rule("-A", .keyed),
        Rule("-W", .keyed),
        Rule("-D", .keyed),
        Rule("-F", .keyed),
        Rule("-g", .keyed, takesValue: false),
        Rule("-O", .keyed, takesValue: false),
        Rule("-h", .bypass(.information), takesValue: false),
        Rule("-V", .bypass(.information), takesValue: false),
        Rule("-v", .bypass(.verbose), takesValue: false),
    ]

    /// Options in full: the value follows an equals sign, or is the next word.
    static let long: [Rule] = [
        Rule("--crate-name", .crateName),
        Rule("--crate-type", .crateType),
        Rule("--emit", .emit),
        Rule("--out-dir", .outputDirectory),
        Rule("--extern", .externCrate),
        Rule("--sysroot", .systemRoot),
        Rule("--target", .target),
        Rule("--test", .test, takesValue: false),
        Rule("--remap-path-prefix", .remap),
        // What a condition's value says may be pasted into paths and measured.
        Rule("--cfg", .configuration),
        Rule("--check-cfg", .configuration),
        Rule("--codegen", .codegen),
        Rule("--edition", .keyed),
        Rule("--cap-lints", .keyed),
        Rule("--error-format", .keyed),
        Rule("--json", .keyed),
        Rule("--color", .keyed),
        Rule("--diagnostic-width", .presentation),
        Rule("--allow", .keyed),
        Rule("--warn", .keyed),
        Rule("--deny", .keyed),
        Rule("--forbid", .keyed),
        Rule("--force-warn", .keyed),
        Rule("--print", .bypass(.information)),
        Rule("--explain", .bypass(.information)),
        Rule("--help", .bypass(.information), takesValue: false),
        Rule("--version", .bypass(.information), takesValue: false),
        Rule("--verbose", .bypass(.verbose), takesValue: false),
    ]

    /// Options of code generation: `-C name=value`.
    enum Codegen: Sendable {
        case keyed
        case units
        case extraFilename
        case incremental
        case linker
        case linkArgument
        case linkArguments
        case profile
        case processor
        case splitDebug
        /// Coverage maps are compressed: a path in them cannot be searched for.
        case coverage
        case bypass(Bypass)
    }

    static func codegen(_ name: Word) -> Codegen {
        // Both spellings are the same to rustc.
        let name = Word(name.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 })
        for (known, meaning) in codegenRules where name.equals(known) { return meaning }
        return .bypass(.unknownOption)
    }

    private static let codegenRules: [(StaticString, Codegen)] = [
        ("metadata", .keyed),
        ("extra-filename", .extraFilename),
        ("incremental", .incremental),
        ("linker", .linker),
        ("link-arg", .linkArgument),
        ("link-args", .linkArguments),
        ("profile-use", .profile),
        ("target-cpu", .processor),
        ("split-debuginfo", .splitDebug),
        ("instrument-coverage", .coverage),
        ("code-model", .keyed),
        ("codegen-units", .units),
        ("collapse-macro-debuginfo", .keyed),
        ("control-flow-guard", .keyed),
        ("debug-assertions", .keyed),
        ("debuginfo", .keyed),
        ("default-linker-libraries", .keyed),
        ("dwarf-version", .keyed),
        ("embed-bitcode", .keyed),
        ("force-frame-pointers", .keyed),
        ("force-unwind-tables", .keyed),
        ("inline-threshold", .keyed),
        ("link-dead-code", .keyed),
        ("link-self-contained", .keyed),
        ("lto", .keyed),
        ("no-prepopulate-passes", .keyed),
        ("no-redzone", .keyed),
        ("no-stack-check", .keyed),
        ("no-vectorize-loops", .keyed),
        ("no-vectorize-slp", .keyed),
        ("opt-level", .keyed),
        ("overflow-checks", .keyed),
        ("panic", .keyed),
        ("prefer-dynamic", .keyed),
        ("relocation-model", .keyed),
        ("relro-level", .keyed),
        ("soft-float", .keyed),
        ("strip", .keyed),
        ("symbol-mangling-version", .keyed),
        ("target-feature", .keyed),
        ("jump-tables", .keyed),
        ("hint-mostly-unused", .keyed),
        ("save-temps", .bypass(.temporaries)),
        ("remark", .bypass(.sideOutput)),
        ("profile-generate", .bypass(.profile)),
        ("linker-plugin-lto", .bypass(.toolchainOption)),
        ("linker-flavor", .bypass(.toolchainOption)),
        ("llvm-args", .bypass(.frontendOption)),
        ("passes", .bypass(.frontendOption)),
        ("rpath", .bypass(.toolchainOption)),
    ]

    /// True for a word to the linker's driver that neither writes a file of its own nor leads to other programs.
    static func isPlainLinkArgument(_ word: Word) -> Bool {
        guard word.first == UInt8(ascii: "-") else { return word.first != UInt8(ascii: "@") && !word.isEmpty }
        if word.hasPrefix("-Wl,") {
            // Every part: commas separate the linker's own words, some of which are values of the one before.
            var isValue = false
            for part in word.dropFirst(4).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                let part = Word(part)
                if isValue {
                    isValue = false
                    continue
                }
                guard part.first != UInt8(ascii: "@") else { return false }
                if part.first != UInt8(ascii: "-") { continue }
                guard
                    let rule = linkerRules.first(where: { $0.isJoined ? part.hasPrefix($0.name) : part.equals($0.name) }
                    )
                else { return false }
                isValue = rule.takesValue && part.equals(rule.name)
            }
            return true
        }
        return driverRules.contains { $0.isJoined ? word.hasPrefix($0.name) : word.equals($0.name) }
    }

    private typealias LinkRule = (name: StaticString, isJoined: Bool, takesValue: Bool)

    private static let driverRules: [LinkRule] = [
        ("-fuse-ld=", true, false), ("-static", false, false), ("-static-pie", false, false), ("-pie", false, false),
        ("-no-pie", false, false), ("-nostartfiles", false, false), ("-nostdlib", false, false),
        ("-nodefaultlibs", false, false), ("-rdynamic", false, false), ("-static-libgcc", false, false),
        ("-shared-libgcc", false, false), ("-pthread", false, false), ("-m64", false, false), ("-m32", false, false),
        ("-march=", true, false), ("-l", true, false), ("-L", true, false), ("-s", false, false), ("-g", false, false),
        ("-O0", false, false), ("-O1", false, false), ("-O2", false, false), ("-O3", false, false),
    ]

    private static let linkerRules: [LinkRule] = [
        ("-rpath=", true, false), ("-rpath", false, true), ("--rpath=", true, false), ("-rpath-link", false, true),
        ("-z", false, true), ("-z", true, false), ("--as-needed", false, false), ("--no-as-needed", false, false),
        ("-soname", false, true), ("-soname=", true, false), ("-h", false, true), ("--gc-sections", false, false),
        ("--no-gc-sections", false, false), ("-O", true, false), ("--export-dynamic", false, false),
        ("-E", false, false), ("--build-id", true, false), ("--start-group", false, false),
        ("--end-group", false, false), ("-Bstatic", false, false), ("-Bdynamic", false, false),
        ("-Bsymbolic", true, false), ("--version-script=", true, false), ("--version-script", false, true),
        ("--dynamic-list=", true, false), ("--no-undefined", false, false), ("--icf=", true, false),
        ("--hash-style=", true, false), ("-s", false, false), ("-S", false, false), ("--strip-all", false, false),
        ("--strip-debug", false, false), ("--whole-archive", false, false), ("--no-whole-archive", false, false),
        ("--enable-new-dtags", false, false), ("--disable-new-dtags", false, false), ("--eh-frame-hdr", false, false),
        ("--allow-multiple-definition", false, false), ("--undefined=", true, false), ("-u", false, true),
        ("--defsym=", true, false), ("--wrap=", true, false), ("-l", true, false), ("-L", true, false),
    ]
}
