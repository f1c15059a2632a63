internal import Files

/// What a library of procedural macros may learn behind the compiler's back.
///
/// A macro is a program that runs within the compiler. What it asks the compiler for is in the dependency file; what it reads
/// by itself is not. The notes of the run tell, but for a few things, which it has to import from the C library.
///
/// Without notes there is another sign: it brings its standard library along, cut down to what it uses, with the functions'
/// names: they tell whether it can read the environment or files at all, as long as they are there and nothing was put in their
/// place to save calls.
struct ProcMacroLibrary {
    private let elf: ElfFile
    /// The names in its tables.
    private let table: Word

    /// True where the macro can read variables without the compiler's knowledge.
    let readsEnvironment: Bool
    /// True where it can see files, the clock, other programs or the network, or where its names do not tell.
    let readsFiles: Bool

    /// Nil for what is no library of macros: a Rust library of another kind.
    init?(_ bytes: [UInt8]) {
        guard let elf = ElfFile(bytes), bytes.firstIndex(of: Word("rustc_proc_macro_decls")) != nil else { return nil }
        self.elf = elf
        // Names of functions, in the library's own table or, where the standard library is a shared one, in the loader's.
        table = [elf.section(".strtab"), elf.section(".dynstr")].compactMap { $0 }.reduce(into: Word()) { $0 += $1 }
        readsEnvironment = Self.isOne(of: Self.environment, in: table)
        // A library whose names were stripped says nothing.
        readsFiles = !Self.isOne(of: Self.always, in: table) || Self.isOne(of: Self.files, in: table)
    }

    private static func isOne(of names: [StaticString], in table: Word) -> Bool {
        names.contains { table.firstIndex(of: Word($0)) != nil }
    }

    /// Something that each macro has: without it the names are not there.
    private static let always: [StaticString] = ["3std9panicking", "10proc_macro"]

    /// The functions as both manglings write them: a length and a name, joined.
    ///
    /// Those of the standard library that every macro has, because a panic may print where it comes from, are not among
    /// them.
    private static let environment: [StaticString] = [
        "3std3env3var", "3std3env4_var", "3std3env4__var", "3std3env6var_os", "3std3env7_var_os", "3std3env7__var_os",
        "3std3env4vars", "3std3env7vars_os", "3std3env4args", "3std3env7args_os", "3std3env8home_dir",
        "3std3env8temp_dir",
    ]

    private static let files: [StaticString] = [
        "3std2fs4read", "3std2fs14read_to_string", "3std2fs8read_dir", "3std2fs8metadata", "3std2fs16symlink_metadata",
        "3std2fs12canonicalize", "3std2fs6exists", "3std2fs9read_link", "3std2fs5write", "3std2fs4copy",
        "3std2fs10create_dir", "3std2fs14create_dir_all", "3std2fs11remove_file", "3std2fs6rename", "3std2fs4File4open",
        "11OpenOptions4open", "11OpenOptions5_open", "11OpenOptions5__open", "7ReadDir",
        "4Path6exists", "4Path10try_exists", "4Path7is_file", "4Path6is_dir", "4Path10is_symlink", "4Path8metadata",
        "4Path16symlink_metadata", "4Path12canonicalize", "4Path8read_dir", "4Path9read_link",
        "7Command5spawn", "7Command6output", "7Command6status", "7CommandExt4exec",
        "9TcpStream7connect", "11TcpListener4bind", "9UdpSocket4bind", "10UnixStream7connect",
        "10SystemTime3now", "5stdio5stdin",
    ]

    /// True where it imports what tells something of which no run leaves a note: all variables at once, the process, the processors,
    /// the time.
    var readsUnseen: Bool {
        guard let names = elf.section(".dynstr"), !Self.isOne(of: Self.unseenFunctions, in: table) else { return true }
        return names.split(separator: 0).contains { name in Self.unseen.contains { Word(name).equals($0) } }
    }

    private static let unseen: [StaticString] = [
        "environ", "__environ", "_environ", "getpid", "getppid", "sched_getaffinity", "clock_gettime", "gettimeofday",
        "time",
        "getloadavg", "sysinfo", "getrusage", "times", "getauxval",
    ]

    /// The same of a standard library that is shared.
    private static let unseenFunctions: [StaticString] = [
        "3std3env4vars", "3std3env7vars_os", "10SystemTime3now", "7Instant3now", "3std7process2id", "9parent_id",
        "21available_parallelism",
    ]

    /// The libraries that it needs; nil where nobody can tell.
    var neededLibraries: [Word]? { elf.neededLibraries }

    /// The variables that count where the macro can read any.
    ///
    /// Every name that it could ask for is among its constants: those that are set are looked for there. Of those that are
    /// not, each run of capitals is taken for a name, from either end, because constants lie side by side.
    var variables: [Word] {
        var found: [Word] = []
        Environment.forEach { entry in
            let variable = Word(UnsafeRawBufferPointer(start: entry, count: Environment.length(entry)))
            let name = Word(variable.prefix { $0 != UInt8(ascii: "=") })
            guard !RustcEnvironment.isKeyed(name), !RustcEnvironment.isFleeting(name), name.count > 1 else { return }
            if elf.bytes.firstIndex(of: name) != nil { found.append(name) }
        }
        for run in capitals {
            for length in Self.shortest..<max(Self.shortest, run.count + 1) {
                found += [Word(run.prefix(length)), Word(run.suffix(length))]
            }
        }
        return Set(found).filter { !$0.isEmpty && !(48...57).contains($0[0]) && !RustcEnvironment.isKeyed($0) }
            .sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static let shortest = 3

    /// Runs of capitals, digits and underscores among the constants; what is cargo's is always in the key.
    private var capitals: [Word] {
        guard let constants = elf.section(".rodata") else { return [] }
        var runs: [Word] = []
        for run in constants.split(whereSeparator: { !Self.isCapital($0) }) where run.count >= Self.shortest {
            var run = Word(run)
            if let cargo = run.firstIndex(of: Word("CARGO_")) { run = Word(run[..<cargo]) }
            if run.count >= Self.shortest, run.count <= 64 { runs.append(run) }
        }
        return runs
    }

    private static func isCapital(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
    }
}
