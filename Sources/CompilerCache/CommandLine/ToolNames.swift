internal import Files

/// What the name of a tool promises.
enum ToolNames {
    /// The family that a compiler's name promises; a miss makes sure that the promise is kept.
    static func family(of command: CompileCommand) -> Family? {
        if let family = family(named: Word(command.name.lastComponent)) { return family }
        guard let real = Directory.realPath(command.compiler) else { return nil }
        return family(named: Word(real.name))
    }

    static func family(named name: Word) -> Family? {
        if name.firstIndex(of: Word("clang")) != nil { return .clang }
        let others: [StaticString] = ["gcc", "g++", "gfortran"]
        return others.contains { name.firstIndex(of: Word($0)) != nil } ? .gcc : nil
    }

    /// True for an assembler that is called by itself.
    static func isAssembler(_ name: Word) -> Bool {
        let name = withoutVersion(Word(name.lastComponent))
        return name.equals("as") || name.hasSuffix("-as") || name.equals("nasm") || name.equals("yasm")
    }

    static func isArchiver(_ name: Word) -> Bool {
        let name = withoutVersion(Word(name.lastComponent))
        return name.equals("ar") || name.hasSuffix("-ar")
    }

    static func isLinker(_ name: Word) -> Bool {
        let name = withoutVersion(Word(name.lastComponent))
        return name.equals("ld") || name.hasSuffix("-ld") || name.equals("ld.bfd") || name.equals("ld.lld")
            || name.hasSuffix("gold")
    }

    /// True for a linker, a compiler's driver that calls one, or an archiver.
    static func mayLink(_ command: CompileCommand) -> Bool {
        let real = Directory.realPath(command.compiler)?.name ?? []
        return [Word(command.name.lastComponent), Word(real)].contains { name in
            CompilerNames.contains(name) || isLinker(name) || isArchiver(name)
        }
    }

    /// `program` for `program-14`.
    static func withoutVersion(_ name: Word) -> Word {
        guard let dash = name.lastIndex(of: UInt8(ascii: "-")), dash > 0, dash < name.endIndex - 1,
            name[(dash + 1)...].allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") })
        else { return name }
        return Word(name[..<dash])
    }
}
