internal import Files

/// What emcc is made of, besides its clang: a script that starts python, python, the python files, and the settings.
///
/// emcc is a program in python that adds words to a command line and runs clang. Those words depend on nothing but the
/// command line, the environment and files; all that can be among these files is found here, once for each
/// installation, and held against the disk like headers.
struct EmscriptenInstallation {
    /// Programs that run: python, the drivers of clang, what the script runs.
    private(set) var programs: [Word] = []
    /// Files that are read.
    private(set) var files: [Word] = []
    /// Files that would be read, or run, if they were there.
    private(set) var absentFiles: [(directory: Word, name: Word)] = []

    /// The file that emcc leaves beside its system root when that is complete.
    static let stampName: StaticString = "sysroot_install.stamp"

    private let command: CompileCommand
    /// The text of the script.
    private let launcher: [UInt8]

    /// Nil for an installation that differs from those that are known, and for one that has something to do before it
    /// compiles: to make its system root, or to check itself.
    init?(of command: CompileCommand) {
        self.command = command
        guard let real = Directory.realPath(command.compiler),
            let text = try? RegularFile.bytes(of: real, limit: 1 << 16), text.hasPrefix("#!"),
            text.firstIndex(of: Word("python3")) != nil
        else { return nil }
        launcher = text
        files.append(Word(real.bytes))
        // The script is called by the name that it was called by, beside the file that the name leads to.
        let script = Word(real.parent.bytes) + Word("/") + Word(command.compiler.name) + Word(".py")
        files.append(script)
        guard FileStatus.of(Path(bytes: script))?.kind == .regular, addHelpers(), let python = findPython(),
            ask(python, script)
        else { return nil }
    }

    // MARK: - The script

    private func names(_ text: StaticString) -> Bool { launcher.firstIndex(of: Word(text)) != nil }

    /// Adds the programs that the script runs besides python.
    private mutating func addHelpers() -> Bool {
        guard names("basename") else { return true }
        guard let helper = findInPath("basename") else { return false }
        programs.append(Word(helper.bytes))
        return true
    }

    /// The python that the script runs.
    private mutating func findPython() -> Path? {
        // Older scripts of emsdk's take this one, others do not.
        if Environment.value("PYTHON") != nil, names("\"$PYTHON\"") || names("{PYTHON") { return nil }
        if names("EMSDK_PYTHON"), let named = Environment.value("EMSDK_PYTHON"), !named.isEmpty {
            return named.first == UInt8(ascii: "/") ? ProgramSearch.find(named) : nil
        }
        guard let python = findInPath("python3") else { return nil }
        if !ToolchainProbe.isScript(python) { return python }
        return Self.isShim(python) && addPythonVersions(python) ? python : nil
    }

    /// The first program of the name in `PATH`, with the names that must not appear before it.
    private mutating func findInPath(_ name: StaticString) -> Path? {
        guard let search = Environment.value("PATH"),
            let found = ProgramSearch.find(Word(name))
        else { return nil }
        for directory in search.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            guard directory.first == UInt8(ascii: "/") else { return nil }
            let path = Path(bytes: directory).appending(bytes: Word(name))
            if path.bytes.elementsEqual(found.bytes) || Directory.realPath(path) == Directory.realPath(found) { break }
            // Something that cannot be run today.
            guard FileStatus.ofLink(path) == nil else { return nil }
            absentFiles.append((Word(directory), Word(name)))
        }
        return found
    }

    /// True for the script by which pyenv picks a python.
    static func isShim(_ python: Path) -> Bool { python.parent.name.elementsEqual("shims".utf8) }

    /// Adds the files by which pyenv picks a version, for this directory.
    private mutating func addPythonVersions(_ shim: Path) -> Bool {
        guard let text = try? RegularFile.bytes(of: shim, limit: 1 << 16), text.firstIndex(of: Word("pyenv")) != nil
        else { return false }
        files.append(Word(shim.bytes))
        var directory = command.directory
        while true {
            if note(directory, ".python-version") { return true }
            if directory.bytes.count <= 1 { break }
            directory = directory.parent
        }
        _ = note(shim.parent.parent, "version")
        return true
    }

    /// Notes a file, or that it is not there; true where it is.
    private mutating func note(_ directory: Path, _ name: StaticString) -> Bool {
        let path = directory.appending(bytes: Word(name))
        let isThere = FileStatus.ofLink(path) != nil
        if isThere { files.append(Word(path.bytes)) } else { absentFiles.append((Word(directory.bytes), Word(name))) }
        return isThere
    }

    // MARK: - The program in python

    /// Has emcc's own modules say what they are.
    private mutating func ask(_ python: Path, _ script: Word) -> Bool {
        // With -E it reads no variable of its own.
        let options = names(" -E ") ? [Word("-E")] : []
        guard
            let (ending, streams) = try? Child.ask(
                python,
                arguments: [Word("python3")] + options + [Word("-c"), Word(Self.question), script]
            ), ending == .exited(0)
        else { return false }
        var executable: Word?
        for item in streams.output.split(separator: 0) {
            let path = Word(item.dropFirst())
            guard path.first == UInt8(ascii: "/") else { return false }
            switch item.first {
            case UInt8(ascii: "e"): executable = path
            case UInt8(ascii: "c"): programs.append(path)
            case UInt8(ascii: "f"): files.append(path)
            case UInt8(ascii: "a"):
                let path = Path(bytes: path)
                if FileStatus.ofLink(path) == nil { absentFiles.append((Word(path.parent.bytes), Word(path.name))) }
            default: return false
            }
        }
        // What a script in the place of clang, or another program that picks a python, goes by nobody can see.
        guard let executable, !(programs + [executable]).contains(where: { ToolchainProbe.isScript(Path(bytes: $0)) }),
            Self.isShim(python) || Directory.realPath(Path(bytes: executable)) == Directory.realPath(python)
        else { return false }
        programs.append(executable)
        addConfigurations()
        return true
    }

    /// Adds the names under which clang looks for a configuration file beside itself.
    private mutating func addConfigurations() {
        let targets: [StaticString] = [
            "clang", "clang++", "wasm32-unknown-emscripten", "wasm32-unknown-emscripten-clang",
        ]
        for driver in programs where driver.lastComponent.starts(with: "clang".utf8) {
            let path = Path(bytes: driver)
            for place in [path, Directory.realPath(path)].compactMap({ $0 }) {
                for name in targets.map({ Word($0) }) + [Word(place.name)] {
                    let file = place.parent.appending(bytes: name + Word(".cfg"))
                    if FileStatus.ofLink(file) == nil {
                        absentFiles.append((Word(file.parent.bytes), Word(file.name)))
                    } else {
                        files.append(Word(file.bytes))
                    }
                }
            }
        }
    }
}
