/// The options that GNU ld and lld share, as far as it is known what they read and write.
///
/// Any other makes a bypass. Long names may have one dash or two; a value follows `=` or is the next word.
enum LinkerOptions {
    enum Value: Sendable {
        case none
        /// Behind `=`, or not at all.
        case joined
        /// Behind `=`, or the next word.
        case any
    }

    enum Meaning: Sendable {
        /// Part of the key, in its place; nothing else.
        case keyed
        /// A file that is read.
        case input
        case output
        /// A list of sections and symbols that is written.
        case map
        /// A rule for make that is written, with everything that was read.
        case dependencyFile
        /// A library that is searched for.
        case library
        /// A directory in which libraries are searched.
        case directory
        /// Directories in which those are searched that libraries need themselves.
        case neededDirectories
        /// What is passed on to a plugin.
        case plugin
        case bypass
    }

    struct Rule: Sendable {
        let name: StaticString
        let value: Value
        let meaning: Meaning

        init(_ name: StaticString, _ value: Value = .none, _ meaning: Meaning = .keyed) {
            (self.name, self.value, self.meaning) = (name, value, meaning)
        }
    }

    /// The rule for `word`, what the word itself says as its value, and whether the next word is one.
    static func rule(for word: Word) -> (rule: Rule, value: Word?, takesNext: Bool)? {
        let long = word.drop { $0 == UInt8(ascii: "-") }
        let dashes = word.count - long.count
        let equals = long.firstIndex(of: UInt8(ascii: "="))
        let name = Word(equals.map { long[..<$0] } ?? long)
        if dashes <= 2, name.count > 1, let rule = longOptions.first(where: { name.equals($0.name) }) {
            let value = equals.map { Word(word[($0 + 1)...]) }
            switch rule.value {
            case .none: return value == nil ? (rule, nil, false) : nil
            case .joined: return (rule, value, false)
            case .any: return (rule, value, value == nil)
            }
        }
        guard dashes == 1, word.count > 1 else { return nil }
        if word.count == 2 {
            return shortOptions.first { word.equals($0.name) }.map { ($0, nil, $0.value == .any) }
        }
        guard let rule = shortOptions.first(where: { $0.value == .any && word[1] == $0.name.utf8Start[1] }) else {
            return nil
        }
        let value = Word(word[2...])
        // `-l` and `-L` take anything. For the others a dash or an equals sign means that it is a long option after all.
        let isPath = word[1] == UInt8(ascii: "l") || word[1] == UInt8(ascii: "L")
        guard isPath || !value.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "=") }),
            !word.equals("-mllvm"), word[1] != UInt8(ascii: "o"), word[1] != UInt8(ascii: "T")
        else { return nil }
        return (rule, value, false)
    }

    /// True for what drivers tell plugins that compile code for the linker; others may write files.
    static func isHarmless(pluginOption option: Word) -> Bool {
        if option.hasPrefix("-fresolution=") { return option.isTemporaryOfGCC }
        let known: [StaticString] = [
            "/", "-pass-through=", "mcpu=", "O0", "O1", "O2", "O3", "-function-sections=", "-data-sections=",
            "debugger-tune=", "legacy-pass-manager", "new-pass-manager",
        ]
        return known.contains { option.hasPrefix($0) }
    }

    private static let shortOptions: [Rule] = [
        Rule("-L", .any, .directory), Rule("-l", .any, .library), Rule("-o", .any, .output),
        Rule("-T", .any, .input), Rule("-m", .any), Rule("-z", .any), Rule("-u", .any), Rule("-e", .any),
        Rule("-h", .any), Rule("-O", .any), Rule("-("), Rule("-)"), Rule("-s"), Rule("-S"), Rule("-x"), Rule("-X"),
        Rule("-E"), Rule("-r"), Rule("-q"), Rule("-n"), Rule("-N"), Rule("-g"), Rule("-d"),
    ]

    private static let longOptions: [Rule] = [
        Rule("output", .any, .output), Rule("Map", .any, .map), Rule("dependency-file", .any, .dependencyFile),
        Rule("library", .any, .library),
        Rule("library-path", .any, .directory), Rule("script", .any, .input), Rule("version-script", .any, .input),
        Rule("dynamic-list", .any, .input), Rule("retain-symbols-file", .any, .input),
        Rule("symbol-ordering-file", .any, .input), Rule("just-symbols", .any, .input),
        Rule("plugin", .any, .input), Rule("plugin-opt", .any, .plugin),
        Rule("rpath", .any, .neededDirectories), Rule("rpath-link", .any, .neededDirectories),

        Rule("fuse-ld", .joined), Rule("flto", .joined), Rule("pie"), Rule("no-pie"), Rule("pic-executable"),
        Rule("shared"), Rule("Bshareable"),
        Rule("static"), Rule("Bstatic"), Rule("Bdynamic"), Rule("dn"), Rule("dy"), Rule("non_shared"),
        Rule("call_shared"), Rule("relocatable"), Rule("dynamic-linker", .any), Rule("no-dynamic-linker"),
        Rule("hash-style", .any), Rule("eh-frame-hdr"), Rule("no-eh-frame-hdr"), Rule("build-id", .joined),
        Rule("as-needed"), Rule("no-as-needed"), Rule("push-state"), Rule("pop-state"), Rule("start-group"),
        Rule("end-group"), Rule("start-lib"), Rule("end-lib"), Rule("whole-archive"), Rule("no-whole-archive"),
        Rule("soname", .any), Rule("entry", .any), Rule("undefined", .any), Rule("require-defined", .any),
        Rule("init", .any), Rule("fini", .any), Rule("wrap", .any), Rule("defsym", .any), Rule("exclude-libs", .any),
        Rule("undefined-version"), Rule("no-undefined-version"), Rule("default-symver"),
        Rule("dynamic-list-data"), Rule("dynamic-list-cpp-new"), Rule("dynamic-list-cpp-typeinfo"),
        Rule("export-dynamic"), Rule("no-export-dynamic"), Rule("export-dynamic-symbol", .any),
        Rule("Bsymbolic"), Rule("Bsymbolic-functions"), Rule("Bno-symbolic"), Rule("Bsymbolic-non-weak-functions"),
        Rule("gc-sections"), Rule("no-gc-sections"), Rule("print-gc-sections"), Rule("gc-keep-exported"),
        Rule("icf", .any), Rule("sort-common", .joined), Rule("sort-section", .any), Rule("unresolved-symbols", .any),
        Rule("no-undefined"), Rule("warn-unresolved-symbols"), Rule("error-unresolved-symbols"),
        Rule("allow-shlib-undefined"), Rule("no-allow-shlib-undefined"), Rule("allow-multiple-definition"),
        Rule("warn-common"), Rule("warn-constructors"), Rule("warn-once"), Rule("warn-section-align"),
        Rule("warn-textrel"), Rule("warn-alternate-em"), Rule("warn-shared-textrel"), Rule("warn-backrefs"),
        Rule("warn-execstack"), Rule("no-warn-execstack"), Rule("warn-rwx-segments"), Rule("no-warn-rwx-segments"),
        Rule("no-warn-mismatch"), Rule("no-warn-search-mismatch"), Rule("no-warnings"), Rule("fatal-warnings"),
        Rule("no-fatal-warnings"), Rule("no-warn-symbol-ordering"), Rule("warn-symbol-ordering"),
        Rule("emit-relocs"), Rule("gdb-index"), Rule("no-gdb-index"), Rule("strip-all"), Rule("strip-debug"),
        Rule("discard-all"), Rule("discard-locals"), Rule("discard-none"), Rule("compress-debug-sections", .any),
        Rule("relax"), Rule("no-relax"), Rule("enable-new-dtags"), Rule("disable-new-dtags"), Rule("add-needed"),
        Rule("no-add-needed"), Rule("copy-dt-needed-entries"), Rule("no-copy-dt-needed-entries"),
        Rule("demangle", .joined), Rule("no-demangle"), Rule("color-diagnostics", .joined), Rule("error-limit", .any),
        Rule("threads", .joined), Rule("no-threads"), Rule("pack-dyn-relocs", .any), Rule("rosegment"),
        Rule("no-rosegment"), Rule("image-base", .any), Rule("section-start", .any), Rule("Ttext", .any),
        Rule("Tdata", .any), Rule("Tbss", .any), Rule("Ttext-segment", .any), Rule("Trodata-segment", .any),
        Rule("Tldata-segment", .any), Rule("ld-generated-unwind-info"), Rule("no-ld-generated-unwind-info"),
        Rule("no-keep-memory"), Rule("print-memory-usage"), Rule("nostdlib"), Rule("nmagic"), Rule("omagic"),
        Rule("no-omagic"),
        Rule("spare-dynamic-tags", .any), Rule("orphan-handling", .any), Rule("lto-O0"), Rule("lto-O1"),
        Rule("lto-O2"), Rule("lto-O3"), Rule("force-group-allocation"), Rule("merge-exidx-entries"),
        Rule("separate-code"), Rule("package-metadata", .joined), Rule("cref", .none, .bypass),
    ]
}
