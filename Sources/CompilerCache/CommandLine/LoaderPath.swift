internal import Files

/// `LD_LIBRARY_PATH` as far as it can decide which libraries a compiler's programs load (ld.so(8)).
enum LoaderPath {
    /// The value without the directories in which no such library can be: cargo names several of each checkout's own.
    ///
    /// What lies there is looked at each time, so a library that comes later gives another value.
    static func meaning(of value: Word) -> Word {
        let isSeparator = { (byte: UInt8) in byte == UInt8(ascii: ":") || byte == UInt8(ascii: ";") }
        let all = value.split(omittingEmptySubsequences: false, whereSeparator: isSeparator).map { Word($0) }
        let counted = all.filter { $0.first != UInt8(ascii: "/") || Directory.mayHoldLibrary(Path(bytes: $0)) }
        return Word(counted.joined(separator: [UInt8(ascii: ":")]))
    }
}
