internal import Files

/// What emcc reads from the environment besides what its clang reads.
enum EmscriptenEnvironment {
    /// True for a variable that emcc, its python, its configuration or the search for these may read.
    ///
    /// Told by comparing in place: a hit asks for every variable.
    static func reads(_ entry: UnsafePointer<CChar>) -> Bool {
        func starts(with prefix: StaticString) -> Bool {
            // A variable that is shorter ends with a NUL, which no name has.
            for index in 0..<prefix.utf8CodeUnitCount
            where UInt8(bitPattern: entry[index]) != prefix.utf8Start[index] { return false }
            return true
        }
        switch UInt8(bitPattern: entry.pointee) {
        case UInt8(ascii: "B"): return starts(with: "BINARYEN")
        case UInt8(ascii: "E"): return starts(with: "EM")
        // Where `~` leads to.
        case UInt8(ascii: "H"): return starts(with: "HOME=")
        case UInt8(ascii: "L"): return starts(with: "LLVM")
        case UInt8(ascii: "N"): return starts(with: "NODE=")
        case UInt8(ascii: "P"):
            return starts(with: "PATH=") || starts(with: "PYTHON") || starts(with: "PYENV_")
        case UInt8(ascii: "_"): return starts(with: "_EM")
        default: return false
        }
    }

    /// True where `NAME=value` has emcc leave more than an object, say what it does, or run another program.
    static func hasSideEffect(_ variable: Word) -> Bool {
        let names: [StaticString] = [
            "EMCC_DEBUG=", "EMCC_DEBUG_SAVE=", "EMCC_AUTODEBUG=", "EMCC_VERBOSE=", "EM_BUILD_VERBOSE=", "EMPROFILE=",
            "EM_COMPILER_WRAPPER=", "_EMCC_CCACHE=",
        ]
        guard let name = names.first(where: { variable.hasPrefix($0) }) else { return false }
        let value = Word(variable[name.utf8CodeUnitCount...])
        return !value.isEmpty && !value.equals("0")
    }
}
