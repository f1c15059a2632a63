internal import Files

/// What well-known programs ask for without their result depending on it.
package enum KnownPrograms {
    /// True for compilers, linkers and archivers, to which the time of a file that they read means nothing; see ``ArchiveTimes``.
    package static func ignoreTimes(_ program: [UInt8]) -> Bool { isCompiler(name(program)) }

    /// True for programs that write the time of a file that they have open into what they make.
    static func packTimes(_ program: [UInt8]) -> Bool { ["gzip", "pigz"].contains(name(program)) }

    /// How often the program calls a function for its own purposes: seeds, names of temporary files, timers, the start.
    static func ownCalls(_ program: [UInt8], _ function: [UInt8]) -> Int {
        let (name, function) = (name(program), String(decoding: function, as: UTF8.self))
        let isRandom = function.hasPrefix("get") && function != "gettimeofday" || function.hasPrefix("arc4")
        if isCompiler(name) {
            // __DATE__ and __TIME__ are time and localtime. clang asks for the time also for its own purposes.
            if name.hasPrefix("clang"), function == "time" { return .max }
            let isDevice = function.hasPrefix("/dev/") && function.hasSuffix("random")
            // Of the time that `SOURCE_DATE_EPOCH` gives they ask for the parts.
            let isOther = ["gettimeofday", "clock_gettime", "gmtime", "gmtime_r"].contains(function)
            return isRandom || isDevice || isOther ? .max : 0
        }
        if name.hasPrefix("python") {
            // The clock's start value and time zone when `time` is loaded, and the seed of hashes.
            return switch function {
            case "time": 1
            case "localtime_r": 2
            case "getrandom": 2
            default: 0
            }
        }
        switch name {
        case "bash", "git": return function == "gettimeofday" ? .max : 0
        case "make", "gmake", "ninja": return function == "clock_gettime" || isRandom ? .max : 0
        case "perl": return function == "time" ? 1 : function == "/dev/urandom" ? 2 : 0
        case "mawk": return function == "time" || isRandom ? 1 : 0
        case "rustup", "cargo": return isRandom ? .max : 0
        case "tar": return function == "clock_gettime" ? .max : 0
        case "node": return isRandom ? .max : function == "time" ? 8 : function == "gettimeofday" ? 1 : 0
        case "cmake": return isRandom ? .max : 0
        default: return 0
        }
    }

    /// True for a program that wants to know of the host only what kind of machine it is.
    static func asksForMachine(_ program: [UInt8]) -> Bool { name(program).hasPrefix("rustup") }

    /// True for a program that is started by a compiler's driver, and none itself.
    package static func isPart(_ program: [UInt8]) -> Bool { isPart(name(program)) }

    private static func isPart(_ name: String) -> Bool {
        let (starts, ends) = (["cc1", "f951", "lto", "collect2"], ["as", "objcopy", "dwp", "ar"])
        return starts.contains(where: name.hasPrefix) || ends.contains { name == $0 || name.hasSuffix("-" + $0) }
            || isLinker(name)
    }

    /// True for linkers, which remove what is in the place of their output, unless that is empty, and make a new file.
    package static func isLinker(_ program: [UInt8]) -> Bool { isLinker(name(program)) }

    private static func isLinker(_ name: String) -> Bool {
        let (starts, ends) = (["ld.", "ld64", "lld", "gold"], ["-ld", "-lld", "-gold", ".lld"])
        return name == "ld" || starts.contains(where: name.hasPrefix) || ends.contains(where: name.hasSuffix)
            || name.contains("-ld.")
    }

    /// True for lld, which removes its old output while it has it open, and reads nothing of it; and for gfortran, which
    /// compares a module with the old one last, to replace only what is another one.
    static func opensWhatItRemoves(_ program: [UInt8]) -> Bool {
        let name = name(program)
        return name.contains("lld") || name.hasPrefix("f951")
    }

    /// True for the name under which gfortran writes a module first.
    static func isUnfinishedModule(_ path: [UInt8]) -> Bool {
        [".mod0", ".smod0"].contains(where: name(path).hasSuffix)
    }

    /// True for a module of gfortran's: one that is there stays as it is where a compile would make the same again.
    package static func keepsWhatIsEqual(_ output: [UInt8], _ programs: Set<[UInt8]>) -> Bool {
        guard [".mod", ".smod"].contains(where: name(output).hasSuffix) else { return false }
        return programs.contains { name($0).hasPrefix("f951") }
    }

    static func isArchiver(_ program: [UInt8]) -> Bool {
        let name = name(program)
        return name == "ar" || name.hasSuffix("-ar") || name.hasPrefix("llvm-ar")
    }

    /// True for assemblers that are nobody's part.
    private static func isForeignAssembler(_ name: String) -> Bool { name == "nasm" || name == "yasm" }

    private static func name(_ program: [UInt8]) -> String {
        String(decoding: Path(bytes: program).name, as: UTF8.self)
    }

    private static func isCompiler(_ name: String) -> Bool {
        let starts = ["clang", "rustc", "clippy-driver", "swift-frontend", "include-what-you-use", "iwyu"]
        let parts = ["gcc", "g++", "gfortran"]
        return isPart(name) || isForeignAssembler(name) || starts.contains(where: name.hasPrefix)
            || parts.contains(where: name.contains)
    }
}
