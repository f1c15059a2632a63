internal import Files
internal import LarderStore

/// The key under which a request's manifest is found: everything that shapes the result, but for the files read.
///
/// The files, the compiler's own among them, are the manifest's business. A change here that lets two different
/// results meet is a wrong object, so every word of the command is an ingredient, in order, and the golden
/// table of the tests changes with it.
enum RequestKey {
    /// The version of the ingredients: part of the domain, raised whenever their meaning changes.
    private static let domain = "compile-manifest-9"

    /// The ingredients of a request that is compiled in `command.directory`.
    ///
    /// - Parameters:
    ///   - bases: the directories that are replaced in the output.
    ///   - settings: what the user has chosen.
    static func ingredients(
        of request: CompileRequest,
        command: CompileCommand,
        environment: CompileEnvironment,
        roots: CheckoutRoots,
        bases: [Word],
        settings: Settings
    ) -> KeyBuilder {
        var key = KeyBuilder(domain: domain)
        key.add("family", Int64(request.family.rawValue))
        if let front = request.front { key.add("front", Int64(front.rawValue)) }
        // clang reads its mode from its name. Where it was found is said by its path.
        key.add("name", Word(command.name.lastComponent))
        key.add("compiler", roots.abstract(Word(command.compiler.bytes)))
        var isValue = false
        let ignores = !settings.ignoredOptions.isEmpty
        for word in request.words {
            if ignores, settings.ignoresOption(word) { continue }
            key.add("word", isValue || !isPath(word) ? word : roots.abstract(word))
            isValue = word.equals("-D") || word.equals("-U") || word.equals("-A")
        }
        for variable in environment.keyed {
            let isSearchPath = Word(variable.prefix { $0 != UInt8(ascii: "=") }).hasSuffix("PATH")
            key.add("variable", isSearchPath ? roots.abstract(variable) : variable)
        }
        key.add("dependencies", request.dependencies?.scope == .user ? "user" : "all")
        // Versions of clang differ in how they write phony targets: what one wrote is seen before it is made again.
        if request.family == .clang, request.dependencies?.addsPhonyTargets == true { key.add("dependencies", "phony") }
        if request.hasDebugInformation || request.isExact || !request.definedPaths.isEmpty && roots.paths.isEmpty {
            // The compiler writes either name of the working directory into the object.
            key.add("directory", roots.abstract(Word(command.directory.bytes)))
            key.add("logical directory", roots.abstract(environment.logicalDirectory))
        }
        if request.isForThisProcessor {
            for word in Processor.features { key.add("processor", Int64(word)) }
        }
        for base in bases { key.add("mapping", roots.abstract(base)) }
        // Who leaves out a word must not meet those who never gave it.
        for option in settings.ignoredOptions { key.add("ignored option", option) }
        if settings.ignoresTimeMacros { key.add("time macros", "ignored") }
        settings.addIngredients(to: &key)
        return key
    }

    /// True for a word that is a path or an option that takes one.
    ///
    /// A macro's value may be measured as well as stored, so that it stays as it is.
    private static func isPath(_ word: Word) -> Bool {
        if word.first == UInt8(ascii: "\"") || word.first == UInt8(ascii: "'") { return isPath(Word(word.dropFirst())) }
        guard word.first == UInt8(ascii: "-") else { return !word.contains(UInt8(ascii: "=")) }
        // A seed is no path, whatever it looks like.
        if word.hasPrefix("-frandom-seed") { return false }
        return word.hasPrefix("-I") || word.hasPrefix("-i") || word.hasPrefix("-f") || word.hasPrefix("-L")
            || word.hasPrefix("--sysroot")
    }

    /// The roots that may be abstracted from in a request.
    ///
    /// Debug information and what hides paths from a search keep every path, unless the user maps the working
    /// directory to something else, or has clang give it another name. What is mapped is a root of its own, and there are none within it: a part of the name
    /// that the map leaves would stay in the output, where nobody could find it by the whole name.
    ///
    /// - Parameter logicalDirectory: the working directory by the name that debug information has.
    static func roots(
        of request: CompileRequest,
        command: CompileCommand,
        logicalDirectory: Word,
        bases: [Word]
    ) -> CheckoutRoots {
        if request.isExact { return .none }
        var maps = request.prefixMaps
        for base in bases { maps.append(PrefixMap(scope: .all, old: base, new: Word("."))) }
        // A map that puts a path of the checkout back says where it is, and may be measured.
        let isPutBack = maps.contains { map in
            map.new.first == UInt8(ascii: "/")
                && (maps.contains { map.new.starts(with: $0.old) } || map.new.starts(with: command.directory.bytes))
        }
        if isPutBack { return .none }
        if request.hasDebugInformation, request.family != .clang || !request.namesCompilationDirectory {
            let directory = logicalDirectory
            let isMapped = maps.contains { map in
                map.scope != .macros && directory.starts(with: map.old)
                    && (directory.count == map.old.count || directory[map.old.count] == UInt8(ascii: "/"))
            }
            // The directory counts then; what a map replaces is still nowhere in the output.
            guard isMapped else { return mapped(.none, maps.filter { $0.scope != .macros }, request) }
        }
        return mapped(CheckoutRoots(of: request, in: command.directory), maps, request)
    }

    /// The roots with those that maps replace.
    private static func mapped(_ roots: CheckoutRoots, _ maps: [PrefixMap], _ request: CompileRequest) -> CheckoutRoots
    {
        var roots = roots
        for map in maps { roots.cover(map) }
        // What a macro's path leads to would be looked for elsewhere by another checkout that gives the same macro.
        return request.definedPaths.contains { roots.mayLead(from: $0) } ? .none : roots
    }
}
