package import Files
internal import LarderStore

/// The program that a command's first word means, and what runs it where it is a script.
package struct Tool: Sendable {
    /// Where it is, as the search in `PATH` has it.
    package let path: Path

    /// The program that `word` means; nil where there is none that may be run.
    package init?(_ word: [UInt8]) {
        guard let path = Executable.find(word) else { return nil }
        self.path = path
    }

    /// The program at `path`, which is known to be one.
    init(at path: Path) { self.path = path }

    /// Deeper than the kernel follows (binfmt_script: 5).
    private static let depth = 6

    /// Adds the program, its interpreter, and what that one finds in `PATH`, each with its content.
    func observe(with observer: inout Observer) throws(Refusal) {
        var next: Path? = path
        for _ in 0..<Self.depth {
            guard let program = next else { return }
            try Self.add(program, to: &observer)
            let words = Self.interpreter(of: program)
            guard let interpreter = words.first else { return }
            let isEnv = Path(bytes: interpreter).name.elementsEqual("env".utf8)
            if isEnv, let name = Self.program(ofEnv: words.dropFirst()) {
                try Self.add(Path(bytes: interpreter), to: &observer)
                next = Executable.find(name)
            } else {
                next = Path(bytes: interpreter)
            }
        }
    }

    /// A name for the program that changes with everything that it may find itself by.
    private static func add(_ program: Path, to observer: inout Observer) throws(Refusal) {
        guard let status = FileStatus.of(program) else { throw .inputUnreadable }
        // A program may look for its parts beside its real file. What is named from the working directory goes with that.
        let isMoved = program.isAbsolute || FileStatus.ofLink(program)?.kind == .symbolicLink
        if isMoved, let real = Directory.realPath(program), real != program {
            observer.add(.tool, Array(program.bytes), value: Array(real.bytes))
        }
        try observer.add(.tool, Array(program.bytes), status)
    }

    /// The words of the line that names a script's interpreter; of a text without such a line the shell.
    private static func interpreter(of program: Path) -> [ArraySlice<UInt8>] {
        guard let head = try? RegularFile.head(of: program, count: 512) else {
            return []
        }
        guard head.starts(with: "#!".utf8) else {
            return head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) || head.contains(0) ? [] : [Array("/bin/sh".utf8)[...]]
        }
        let line = head[2...].prefix { $0 != UInt8(ascii: "\n") }
        return line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    /// What `env` would run with these words.
    private static func program(ofEnv words: ArraySlice<ArraySlice<UInt8>>) -> [UInt8]? {
        for word in words where word.first != UInt8(ascii: "-") && !word.contains(UInt8(ascii: "=")) {
            return Array(word)
        }
        return nil
    }
}
