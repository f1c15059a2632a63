/// What emcc's options mean where they differ from clang's, behind which they are read.
///
/// emcc takes its own options out of the command line and hands the rest on to clang. Those for the linker have no part in a
/// compile but for a warning; where one names a file, emcc looks whether it is there.
enum EmscriptenOptions {
    static let rules: [OptionRule] = [
        // The linker's: files that have to be there.
        OptionRule("--js-library=", .joined, .input),
        OptionRule("--js-library", .separate, .input),
        OptionRule("--pre-js=", .joined, .input),
        OptionRule("--pre-js", .separate, .input),
        OptionRule("--post-js=", .joined, .input),
        OptionRule("--post-js", .separate, .input),
        OptionRule("--extern-pre-js=", .joined, .input),
        OptionRule("--extern-pre-js", .separate, .input),
        OptionRule("--extern-post-js=", .joined, .input),
        OptionRule("--extern-post-js", .separate, .input),
        OptionRule("--shell-file=", .joined, .input),
        OptionRule("--shell-file", .separate, .input),

        // The linker's: words.
        OptionRule("--embed-file=", .joined, .keyed),
        OptionRule("--embed-file", .separate, .keyed),
        OptionRule("--preload-file=", .joined, .keyed),
        OptionRule("--preload-file", .separate, .keyed),
        OptionRule("--exclude-file=", .joined, .keyed),
        OptionRule("--exclude-file", .separate, .keyed),
        OptionRule("--closure=", .joined, .keyed),
        OptionRule("--closure", .separate, .keyed),
        OptionRule("--source-map-base=", .joined, .keyed),
        OptionRule("--source-map-base", .separate, .keyed),
        OptionRule("--memory-init-file=", .joined, .keyed),
        OptionRule("--memory-init-file", .separate, .keyed),
        OptionRule("--bind", .alone, .keyed),
        OptionRule("--emit-symbol-map", .alone, .keyed),
        OptionRule("--emrun", .alone, .keyed),
        OptionRule("--no-entry", .alone, .keyed),
        OptionRule("--cpuprofiler", .alone, .keyed),
        OptionRule("--threadprofiler", .alone, .keyed),
        OptionRule("--proxy-to-worker", .alone, .keyed),
        OptionRule("--use-preload-cache", .alone, .keyed),
        OptionRule("--use-preload-plugins", .alone, .keyed),

        // The compiler's.
        OptionRule("--profiling-funcs", .alone, .keyed),
        OptionRule("--profiling", .alone, .keyed),
        OptionRule("--tracing", .alone, .keyed),
        OptionRule("--memoryprofiler", .alone, .keyed),
        OptionRule("--valid-abspath=", .joined, .keyed),
        OptionRule("--valid-abspath", .separate, .keyed),
        // In all that is left of the long options emcc or clang is told to be another one.
        OptionRule("--sysroot", .joined, .bypass(.toolchainOption)),
        OptionRule("--target", .joined, .bypass(.toolchainOption)),
        OptionRule("--param", .joined, .bypass(.unknownOption)),
        OptionRule("-target", .joined, .bypass(.toolchainOption)),
        OptionRule("-isysroot", .joined, .bypass(.toolchainOption)),
        OptionRule("-Xclang", .joined, .bypass(.frontendOption)),
        OptionRule("-Xlinker", .joined, .bypass(.unknownOption)),
        // It splits the list and reads `-Wl,@file`.
        OptionRule("-Wl,@", .joined, .bypass(.responseFile)),
        OptionRule("-jsD", .joined, .bypass(.unknownOption)),

        // It takes a digit away from clang, and makes `-g` of what is more than clang knows. (The file of
        // `-gseparate-dwarf=` is the linker's.)
        OptionRule("-g0", .alone, .keyed),
        OptionRule("-gsource-map", .joined, .debug),
        OptionRule("-gseparate-dwarf", .joined, .debug),
    ]

    /// Refuses what emcc reads in its own way.
    ///
    /// - Parameter isApart: the value is a word of its own.
    static func check(_ option: Word, _ value: Word, isApart: Bool) throws(Bypass) {
        // It looks at every word, also at those that are another one's value.
        if isApart, value.first == UInt8(ascii: "-") { throw .unknownOption }
        // `-oname=value` names `value`.
        if !isApart, option.hasPrefix("-o"), option.contains(UInt8(ascii: "=")) { throw .specialOutput }
    }

    /// True for what emcc takes for a setting: a name in capitals, with or without a value.
    static func isSetting(_ text: Word) throws(Bypass) -> Bool {
        let name = text.prefix { $0 != UInt8(ascii: "=") }
        // Python knows capitals in other alphabets.
        if name.contains(where: { $0 >= 0x80 }) { throw .unknownOption }
        let isName = name.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard isName, let first = name.first, !(48...57).contains(first),
            name.contains(where: { (65...90).contains($0) })
        else { return false }
        if text[name.endIndex...].dropFirst().first == UInt8(ascii: "@") { throw .responseFile }
        return true
    }
}
