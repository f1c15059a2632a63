package import Files
package import LarderStore
internal import Trace

/// A compile whose words do not say what it reads and makes: an option that nobody here knows, a precompiled header, coverage.
///
/// It runs as it was given, and its trace says what its result depends on. A result is found again in the same directory.
package struct TracedCompile: Sendable {
    /// Its words with response files expanded: outputs lie beside those that they name.
    package var words: [[UInt8]]
    /// Names of the variables of the environment that compilers are known to read; the trace adds those that it sees.
    package var variables: [[UInt8]]
    /// Names of those that count only where the compile says something.
    package var presentation: [[UInt8]] = []
    /// Names of those of them that say what a terminal can do: they count only where there is one.
    package var terminal: [[UInt8]] = []
    /// What shapes the result besides: the processor, where the code is for the one at hand.
    package var keyText: [UInt8]?
    /// The cause under which the compile is counted where it cannot be traced.
    package var bypass: String
    /// The source, or the compiler, for the journal.
    package var label: [UInt8]
    /// The exit statuses that are a result, and no failure.
    package var keptStatuses: [Int32] = [0]
    /// The word that makes it one that has to be seen; empty where it is no word.
    package var doubtfulWord: @Sendable () -> [UInt8] = { [] }
    /// False for a tool that reads texts itself: an assembler, a linker, an archiver, a checker.
    package var isCompiler = true
    /// Whether it is called through a program that may be anybody's.
    package var isBehindProgram: @Sendable () -> Bool = { false }
    /// Whether its result may hold the time of its making.
    package var trustsClock = false
    /// False for what only links or archives: texts are none of its inputs.
    package var compiles = true

    /// How many bytes all that it makes and says may have; a program with all of its debug information is large.
    static let outputLimit = 4 << 30

    package init(words: [[UInt8]], variables: [[UInt8]], keyText: [UInt8]?, bypass: String, label: [UInt8]) {
        (self.words, self.variables, self.keyText) = (words, variables, keyText)
        (self.bypass, self.label) = (bypass, label)
    }

    /// The variables that were read and yet do not count by that.
    func ignoredVariables(_ accesses: Accesses) -> [[UInt8]] {
        // gcc's driver looks for make's job server, which only code for the linker is compiled with.
        let compilesAtLink = accesses.programs.contains { Path(bytes: $0).name.starts(with: "lto".utf8) }
        let names = variables + presentation + (compilesAtLink ? [] : [Array("MAKEFLAGS".utf8)])
        return names + (pathDirectories(accesses) == nil ? [] : [Array("PATH".utf8)])
    }

    /// What counts in the place of `PATH`; nil where its text does.
    ///
    /// Some other program than a compiler's own may say it, or go by it in ways of its own.
    private func pathDirectories(_ accesses: Accesses) -> PathDirectories? {
        guard !runsOthers(accesses), PathDirectories.areInstalled(accesses.programs) else { return nil }
        return .fromEnvironment
    }

    /// What was read, without the times that mean nothing to the compiler, and without what else lies where it has make look for files
    /// of its own: gcc has code for the linker compiled by make, in the directory for temporary files.
    func counted(_ accesses: Accesses) -> Accesses {
        var accesses = runsOthers(accesses) ? accesses : accesses.withoutTimes
        guard Self.runsMake(accesses) else { return accesses }
        accesses.listings = accesses.listings.filter { listing in
            !listing.value.contains { $0.starts(with: "cc".utf8) && $0.suffix(3).elementsEqual(".mk".utf8) }
        }
        return accesses
    }

    /// True where gcc has code for the linker compiled by make, and by a shell that make starts.
    static func runsMake(_ accesses: Accesses) -> Bool {
        accesses.programs.contains { Path(bytes: $0).name.starts(with: "lto-wrapper".utf8) }
    }

    /// What the result depends on besides what `accesses` name.
    ///
    /// - Parameters:
    ///   - observation: what was seen of the files that were read.
    ///   - isSilent: whether the compile has said nothing.
    func items(_ accesses: Accesses, _ observation: Observation, isSilent: Bool) -> [TraceItem] {
        var items: [TraceItem] = []
        let runsOthers = runsOthers(accesses)
        // A plugin's, a script's, or a program's that nobody here knows may read any variable without a call.
        if runsOthers { items.append(TraceItem(kind: .environment, name: [])) }
        if accesses.asksStreams || mayAskUnseen(accesses) { items.append(.terminals) }
        if !isSilent || holdsWords(accesses) {
            items.append(TraceItem(kind: .streams, name: []))
            let isOnTerminal = Terminal.output.isTerminal || Terminal.error.isTerminal
            let shaping = presentation.filter { isOnTerminal || !terminal.contains($0) }
            items += shaping.map { TraceItem(kind: .variable, name: $0) }
        }
        // What stands for the text of PATH.
        let sought = pathDirectories(accesses)?.names(in: accesses) ?? []
        for name in accesses.startedNames.union(sought).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            items.append(TraceItem(kind: .found, name: name))
        }
        var twins: [Digest: Set<[UInt8]>] = [:]
        for one in observation.ingredients where one.kind == .content && (one.identity?.size ?? 0) > 0 {
            twins[one.value, default: []].insert(one.name)
        }
        guard compiles else { return items }
        let isTimed = accesses.programs.contains { Path(bytes: $0).name.starts(with: "cc1".utf8) }
        let same = twins.values.filter { $0.count > 1 }.map { TraceItem.sameness(of: $0, isTimed: isTimed) }
        items += same.sorted { ($0.own.first ?? []).lexicographicallyPrecedes($1.own.first ?? []) }
        if accesses.contents.contains(where: Self.asksForTimes) {
            items += statuses(accesses.contents.subtracting(accesses.statuses))
        }
        // Neither the source is among what a precompiled header was made from, nor is one that stands alone.
        let precompiled = accesses.contents.filter(Self.comparesTimes)
        // Where one is made it holds the times of what it is made from.
        let makes = accesses.outputs.contains { output in
            FileStatus.of(Path(bytes: output.path))?.kind == .directory || Self.comparesTimes(output.path)
        }
        if makes {
            items += statuses(accesses.contents.subtracting(accesses.statuses))
        } else if !precompiled.isEmpty {
            var names = accesses.contents.subtracting(accesses.statuses)
            if let directory = try? Directory.current() {
                names.remove(Array(Path(bytes: label).resolved(in: directory).bytes))
            }
            if precompiled.count == 1 { names.subtract(precompiled) }
            items += statuses(names)
        }
        return items
    }

    /// True where clang writes into what it makes how it was called, whether its messages have colours among the rest: precompiled
    /// headers, modules, and objects with bitcode.
    private func holdsWords(_ accesses: Accesses) -> Bool {
        accesses.outputs.contains { PrecompiledHeader.isOne(Path(bytes: $0.path)) }
            || words.contains { $0.starts(with: "-fembed-bitcode".utf8) }
    }

    /// True where something else than one compiler and its parts has run, or a part that an option adds to it.
    func runsOthers(_ accesses: Accesses) -> Bool {
        let drivers = accesses.programs.filter { !KnownPrograms.isPart($0) }
        if !accesses.programs.allSatisfy(KnownPrograms.ignoreTimes) || drivers.count > 1 { return true }
        if words.contains(where: Self.addsCode) { return true }
        guard words.contains(where: Self.movesParts) else { return false }
        // Somebody else's plugin may come in by such a file, or somebody else's assembler from such a directory.
        let libraries = accesses.contents.filter { ByteSearch.contains($0, ".so") }
        return !PathDirectories.areInstalled(accesses.programs, libraries: libraries)
    }

    /// The file that `-o` names, which a compiler or a linker replaces whatever it holds; nil where something else may have looked at it.
    func replacedOutput(_ accesses: Accesses, in directory: Path) -> Path? {
        guard !runsOthers(accesses) else { return nil }
        return try? OutputPlace(output ?? Array("a.out".utf8), directory: directory).canonical
    }

    /// What `-o` names; nil where it is not given.
    var output: [UInt8]? {
        var output: [UInt8]?
        let long = Array("--output".utf8)
        for (word, next) in zip(words, words.dropFirst() + [[]]) {
            if word.starts(with: "-o".utf8) { output = word.count > 2 ? Array(word.dropFirst(2)) : next }
            if word == long { output = next }
            if word.starts(with: long + [UInt8(ascii: "=")]) { output = Array(word.dropFirst(long.count + 1)) }
        }
        return output
    }

    private func statuses(_ names: Set<[UInt8]>) -> [TraceItem] {
        names.sorted { $0.lexicographicallyPrecedes($1) }.map { TraceItem(kind: .status, name: $0) }
    }

    /// The name that compiles have for what commands call `cause`.
    func cause(_ cause: String) -> String {
        switch cause {
        case Refusal.traceUnavailable.rawValue: bypass
        case Refusal.statusNotKept.rawValue: "compile_failed"
        default: cause
        }
    }

    /// True where what may ask about a terminal passes for a compiler: a plugin, a part from elsewhere, a wrapper of such a name.
    private func mayAskUnseen(_ accesses: Accesses) -> Bool {
        let drivers = accesses.programs.filter { KnownPrograms.ignoreTimes($0) && !KnownPrograms.isPart($0) }
        return drivers.count > 1 || words.contains { Self.addsCode($0) || Self.movesParts($0) }
    }

    private static func addsCode(_ word: [UInt8]) -> Bool {
        ["-fplugin", "-fpass-plugin", "-load", "-wrapper"].contains { word.starts(with: $0.utf8) }
    }

    /// True for a word that says where a compiler's parts are, or names a file that may say so.
    private static func movesParts(_ word: [UInt8]) -> Bool {
        ["-B", "-specs", "--specs", "--config"].contains { word.starts(with: $0.utf8) }
    }

    /// True for a text that may hold `#pragma GCC dependency`, which compares the times of files.
    private static func asksForTimes(_ name: [UInt8]) -> Bool {
        // A library is no text, and may be large.
        guard let head = try? RegularFile.head(of: Path(bytes: name), count: 4), head != [0x7F, 0x45, 0x4C, 0x46],
            head != Array("!<ar".utf8), let text = try? RegularFile.bytes(of: Path(bytes: name))
        else { return false }
        // A word may be continued on the next line.
        if ByteSearch.contains(text, "??/") || ByteSearch.contains(text, "\\\n") && isDivided(text) { return true }
        return ByteSearch.contains(text, "dependency") && CommentFreeText.has("dependency", in: text)
    }

    private static func isDivided(_ text: [UInt8]) -> Bool {
        var whole: [UInt8] = []
        whole.reserveCapacity(text.count)
        for byte in text {
            if byte == UInt8(ascii: "\n"), whole.last == UInt8(ascii: "\\") {
                whole.removeLast()
            } else {
                whole.append(byte)
            }
        }
        return ByteSearch.contains(whole, "dependency") && CommentFreeText.has("dependency", in: whole)
    }

    /// True for a precompiled header or a module that clang refuses once the time of a file that it was made from has changed.
    private static func comparesTimes(_ name: [UInt8]) -> Bool { PrecompiledHeader.holdsTimes(Path(bytes: name)) }
}

extension CommandCache {
    /// Gives the result of a compile by `compiler`, from the cache or from the compiler.
    ///
    /// - Parameter words: the compiler's name as it was given, then its arguments.
    package static func compile(
        _ compile: TracedCompile,
        _ compiler: Path,
        _ words: [[UInt8]],
        _ settings: Settings
    ) -> Answer {
        CommandCache(settings).run(request(compile, words), tool: Tool(at: compiler))
    }

    /// Says what ``compile(_:_:_:_:)`` would do, and does nothing.
    package static func forecast(
        _ compile: TracedCompile,
        _ compiler: Path,
        _ words: [[UInt8]],
        _ settings: Settings
    ) -> Forecast {
        CommandCache(settings).forecast(request(compile, words), tool: Tool(at: compiler))
    }

    private static func request(_ compile: TracedCompile, _ words: [[UInt8]]) -> CommandRequest {
        var request = CommandRequest(words: words)
        request.isTraced = true
        request.countsDirectory = true
        request.keyText = compile.keyText
        request.keptStatuses = compile.keptStatuses
        request.compile = compile
        request.trustsClock = compile.trustsClock
        return request
    }
}
