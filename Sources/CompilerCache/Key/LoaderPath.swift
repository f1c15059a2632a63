internal import Files

/// `LD_LIBRARY_PATH` as far as it can decide which libraries a compiler's programs load (ld.so(8)).
enum LoaderPath {
    /// The value without the directories in which no such library can be: cargo names several of each checkout's own.
    ///
    /// What lies there is looked at each time, so a library that comes later gives another value.
    static func meaning(of value: Word) -> Word {
        let isSeparator = { (byte: UInt8) in byte == UInt8(ascii: ":") || byte == UInt8(ascii: ";") }
        let all = value.split(omittingEmptySubsequences: false, whereSeparator: isSeparator).map { Word($0) }
        return Word(all.filter { !holdsNoLibrary($0) }.joined(separator: [UInt8(ascii: ":")]))
    }

    /// More names than that are not looked through.
    private static let limit = 20_000

    private static func holdsNoLibrary(_ directory: Word) -> Bool {
        guard directory.first == UInt8(ascii: "/") else { return false }
        let names: [ArraySlice<UInt8>]
        do throws(SystemError) { names = try Array(Directory.names(in: Path(bytes: directory))) } catch {
            return error.isAbsence
        }
        return names.count <= limit && names.allSatisfy { !isLibrary(Word($0)) && !holdsLibraries(Word($0)) }
    }

    /// True for the name of a shared library, but not for what rustc makes for itself: `libserde_derive-0123456789abcdef.so`.
    private static func isLibrary(_ name: Word) -> Bool {
        guard name.firstIndex(of: Word(".so")) != nil else { return false }
        guard name.hasSuffix(".so"), name.count > 20 else { return true }
        let stamp = name.dropLast(3).suffix(17)
        return stamp.first != UInt8(ascii: "-") || !stamp.dropFirst().allSatisfy(isHexadecimal)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// True for a directory in which the loader looks for libraries of this processor first.
    private static func holdsLibraries(_ name: Word) -> Bool {
        let names: [StaticString] = [
            "glibc-hwcaps", "tls", "haswell", "xeon_phi", "avx512_1", "x86_64", "i386", "i486", "i586", "i686", "sse2",
            "aarch64", "atomics",
        ]
        return names.contains { name.equals($0) } || name.hasPrefix("power") || name.hasPrefix("z1")
            || name.hasPrefix("z9")
    }
}
