internal import Files

/// What a swiftc is made of: the driver, the compiler that it runs, their libraries, and what both look for beside themselves.
struct SwiftToolchain: Sendable {
    /// `…/usr`.
    let root: Path
    private let programs: [Word]

    /// Nil where the program is none that comes with its parts: a script, or a front for several toolchains.
    init?(of command: CompileCommand) {
        guard let driver = Directory.realPath(command.compiler),
            driver.name.elementsEqual("swift-driver".utf8) || driver.name.elementsEqual("swift-frontend".utf8)
        else { return nil }
        let frontend = driver.parent.appending("swift-frontend")
        guard FileStatus.of(frontend)?.kind == .regular else { return nil }
        root = driver.parent.parent
        programs = [Word(command.compiler.bytes), Word(driver.bytes), Word(frontend.bytes)]
    }

    private var resources: Path { root.appending("lib").appending("swift") }

    /// Where modules of the toolchain are, and Swift's own headers.
    var moduleDirectories: [Word] {
        ["linux", "shims", "apinotes"].map { Word(resources.appending($0).bytes) }
    }

    /// Where clang searches headers when nothing else says where, in order.
    var headerDirectories: [Word] {
        var directories = [Word(resources.appending("clang").appending("include").bytes), Word("/usr/local/include")]
        for name in (try? Directory.names(in: "/usr/include")) ?? [] where name.contains(UInt8(ascii: "-")) {
            let directory = Path("/usr/include").appending(bytes: Array(name))
            // The machine's own headers: `x86_64-linux-gnu`.
            if Word(name).hasSuffix("-linux-gnu") { directories.append(Word(directory.bytes)) }
        }
        return directories + [Word("/usr/include"), Word("/include")]
    }

    /// Directories whose names count: a module or a map that appears there is found.
    var listings: [Word] {
        let plugins = resources.appending("host").appending("plugins")
        let linux = resources.appending("linux")
        let all = [resources, linux, linux.appending("x86_64"), linux.appending("aarch64"), plugins]
        return (all.map { Word($0.bytes) } + moduleDirectories).filter {
            FileStatus.of(Path(bytes: $0))?.kind == .directory
        }
    }

    /// Adds the programs, their libraries, and the tables that they read.
    func addFiles(to reading: inout DriverReading) throws(Recorder.Refusal) {
        let host = resources.appending("host")
        let server = host.appending("libSwiftInProcPluginServer.so")
        var files = programs
        for program in programs.dropFirst() + [Word(server.bytes)] {
            files.append(program)
            try reading.addLibraries(of: program)
        }
        files.append(Word(root.appending("share").appending("swift").appending("features.json").bytes))
        let notes = resources.appending("apinotes")
        files += ((try? Directory.names(in: notes)) ?? []).map { Word(notes.appending(bytes: Array($0)).bytes) }
        reading.files += files.filter { FileStatus.of(Path(bytes: $0))?.kind == .regular }
    }

    /// True where there is a plugin of somebody else's, or a directory that may hold some: what it reads nobody says.
    func isForeign(plugin: Word, in directory: Path) -> Bool {
        guard let real = Directory.realPath(Path(bytes: plugin).resolved(in: directory)),
            !real.bytes.starts(with: Word(root.bytes) + [UInt8(ascii: "/")])
        else { return false }
        guard let names = try? Directory.names(in: real) else { return true }
        return names.contains { Word($0).hasSuffix(".so") }
    }

    /// True for a file of the toolchain or of the system, which clang takes as unchanged.
    func owns(_ file: Word) -> Bool {
        file.hasPrefix("/usr/") || file.starts(with: Word(root.bytes) + [UInt8(ascii: "/")])
    }
}
