internal import Files

/// What an incremental compile starts from.
///
/// rustc takes over what an earlier session made of the same crate, and what it makes then is not, byte for byte, what it
/// makes of nothing. So only a compile that started from nothing is kept: what everybody gets who builds anew.
enum IncrementalState {
    /// The sessions of crates with this name, as text that is compared with a later one.
    ///
    ///     text ::= (directory "/" session newline)*      a directory for each crate of the name, sorted
    static func text(of command: RustcCommand) -> [UInt8] {
        guard let root = command.incremental, let crate = command.crateName else { return [] }
        let prefix = crate + [UInt8(ascii: "-")]
        var lines: [Word] = []
        for name in (try? Directory.names(in: Path(bytes: root))) ?? [] where Word(name).starts(with: prefix) {
            let directory = Path(bytes: root).appending(bytes: name)
            for session in (try? Directory.names(in: directory)) ?? [] where !Word(session).hasSuffix(".lock") {
                lines.append(Word(name) + [UInt8(ascii: "/")] + session)
            }
        }
        lines.sort { $0.lexicographicallyPrecedes($1) }
        return Word(lines.joined(separator: [10]))
    }

    /// True where no crate's directory that was there has changed: the session began in a new one.
    static func isNew(from before: [UInt8], to after: [UInt8]) -> Bool {
        let before = Set(before.split(separator: 10).map { Word($0) })
        let known = Set(before.map(directory))
        return Set(after.split(separator: 10).map { Word($0) }.filter { known.contains(directory(of: $0)) }) == before
    }

    private static func directory(of line: Word) -> Word { Word(line.prefix { $0 != UInt8(ascii: "/") }) }
}
