internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Shown by `larder help swift`; the words behind it are swift's.
    static let swift = Command(
        name: "swift",
        summary: "Run swift build, test or run with the compilers through the cache",
        discussion: """
            The words are swift's own. SWIFT_EXEC and CC are set to the cache's compilers, and options are added that keep the
            package's directory out of what is made, so that another checkout finds it; one line on standard error says
            which. An option of yours wins over ours. Debuggers find the sources when they are started in the package's
            directory.

            The index for editors is not made (build, run) or not complete (test); --enable-index-store makes it, and then
            modules are compiled as without the cache. Any other subcommand of swift runs as it is.

              larder swift build -c release
              larder swift test --parallel
            """,
        forms: ["build|test|run [ARGUMENT]..."],
        operands: 0...Int.max,
        takesCommandLine: true,
        options: [],
        run: { (_) throws(Failure) in .success }
    )
}

/// A command of SwiftPM's, set up so that its compilers go through the cache.
enum SwiftPackage {
    /// Goes on as swift; returns only why that failed.
    static func become(_ words: [[UInt8]]) -> Failure {
        guard let swift = ProgramSearch.find(Array("swift".utf8)) else {
            return Failure(status: .notFound, message: "'larder swift' needs swift, which is not in PATH")
        }
        let arguments = prepared(words, swift) ?? words
        let error = Child.replace(with: swift, arguments: [Array("swift".utf8)] + arguments)
        return Failure(status: .notExecutable, message: "'swift' cannot be started: \(error)")
    }

    /// The words with what is added; nil where swift is to run as it is.
    private static func prepared(_ words: [[UInt8]], _ swift: Path) -> [[UInt8]]? {
        guard let command = words.first.map({ Text.shown($0) }), ["build", "test", "run"].contains(command) else {
            return nil
        }
        let settings: Settings
        do throws(SettingsError) { settings = try Settings.load() } catch { return skip("\(error)") }
        if settings.isDisabled { return nil }
        guard Environment.value("SWIFT_EXEC") == nil else { return skip("SWIFT_EXEC is set already") }
        guard let driver = Directory.realPath(swift), FileStatus.of(driver.parent.appending("swiftc")) != nil,
            FileStatus.of(driver.parent.appending("swift-frontend")) != nil
        else { return skip("\(swift) is not in the directory of a toolchain") }
        let mirror: ToolchainMirror
        do throws(SystemError) {
            mirror = try ToolchainMirror(of: driver.parent, in: settings.directory)
        } catch {
            return skip("\(error)")
        }
        Environment.set("SWIFT_EXEC", to: Array(mirror.programs.appending("swiftc").bytes))
        let setsCC = Environment.value("CC") == nil
        if setsCC { Environment.set("CC", to: Array(mirror.programs.appending("clang").bytes)) }

        // What is behind these words is for the program that `run` starts.
        let own = words.prefix { !$0.elementsEqual("--".utf8) }
        let options = SwiftPackageOptions(command, own)
        if options.skipsIndex { Environment.set("LARDER_SWIFT_INDEX", to: Array("skip".utf8)) }
        let added = options.added
        Console.complain(
            "swiftc\(setsCC ? " and clang" : "") through the cache; added: "
                + (options.skipsIndex ? "LARDER_SWIFT_INDEX=skip " : "")
                + added.map { Text.shown($0) }.joined(separator: " ")
        )
        return [words[0]] + added + words.dropFirst()
    }

    private static func skip(_ reason: String) -> [[UInt8]]? {
        Console.complain("swift runs without the cache: \(reason)")
        return nil
    }
}

/// What is added to a command of SwiftPM's.
struct SwiftPackageOptions {
    private let command: String
    private let words: ArraySlice<[UInt8]>

    init(_ command: String, _ words: ArraySlice<[UInt8]>) { (self.command, self.words) = (command, words) }

    private func has(_ option: String) -> Bool { words.contains { $0.elementsEqual(option.utf8) } }

    private func value(of option: String) -> [UInt8]? {
        for (index, word) in zip(words.indices, words) {
            if word.elementsEqual(option.utf8), index + 1 < words.endIndex { return words[index + 1] }
            if word.starts(with: "\(option)=".utf8) { return Array(word.dropFirst(option.utf8.count + 1)) }
        }
        return nil
    }

    private var choosesIndex: Bool {
        has("--enable-index-store") || has("--disable-index-store") || has("--auto-index-store")
    }

    /// SwiftPM finds tests in the index, so that it has to be asked for; what is no test is not needed there.
    var skipsIndex: Bool { !choosesIndex && (command == "test" || has("--build-tests")) }

    /// Options in SwiftPM's words.
    var added: [[UInt8]] {
        var added: [[UInt8]] = []
        if !choosesIndex, !skipsIndex { added.append(Array("--disable-index-store".utf8)) }
        guard let root = packageDirectory else { return added }
        var roots = [(root, ".")]
        if let scratch = (value(of: "--scratch-path") ?? value(of: "--build-path")).flatMap({ Self.realPath($0) }),
            !scratch.bytes.starts(with: Array(root.bytes) + [UInt8(ascii: "/")])
        {
            roots.append((scratch, ".build"))
        }
        func pass(_ option: String, _ words: [UInt8]...) {
            for word in words { added += [Array(option.utf8), word] }
        }
        for (root, name) in roots {
            let map = Array(root.bytes) + Array("=\(name)".utf8)
            pass("-Xswiftc", Array("-debug-prefix-map".utf8), map)
            pass("-Xswiftc", Array("-coverage-prefix-map".utf8), map)
            pass("-Xcc", Array("-fdebug-prefix-map=".utf8) + map)
        }
        pass("-Xswiftc", Array("-file-compilation-dir".utf8), Array(".".utf8))
        // The driver of 6.3 does not pass it on by itself.
        pass("-Xswiftc", Array("-Xfrontend".utf8), Array("-prefix-serialized-debugging-options".utf8))
        // It holds the places and the times of all sources, for editors.
        pass("-Xswiftc", Array("-avoid-emit-module-source-info".utf8))
        return added
    }

    /// The directory of the package, as SwiftPM finds it: where its manifest is, here or above.
    private var packageDirectory: Path? {
        if let given = value(of: "--package-path") { return Self.realPath(given) }
        guard var directory = try? Directory.current() else { return nil }
        while FileStatus.of(directory.appending("Package.swift")) == nil {
            guard directory.bytes.count > 1 else { return nil }
            directory = directory.parent
        }
        return directory
    }

    /// The real path of a directory that may still have to be made.
    private static func realPath(_ given: [UInt8]) -> Path? {
        let path = Path(bytes: given)
        if let real = Directory.realPath(path) { return real }
        guard !given.contains("..".utf8) else { return nil }
        return Directory.realPath(path.parent).map { $0.appending(bytes: path.name) }
    }
}
