internal import Files

/// `LD_LIBRARY_PATH` as far as it can decide which libraries a compiler's programs load (ld.so(8)).
enum LoaderPath {
    /// The value without the directories in which no such library can be: cargo names several of each checkout's own.
    ///
    /// What lies there is looked at each time, so a library that comes later gives another value.
    static func meaning(of value: Word) -> Word {
        let counted = directories(of: value).filter {
            $0.first != UInt8(ascii: "/") || Directory.mayHoldLibrary(Path(bytes: $0))
        }
        return Word(counted.joined(separator: [UInt8(ascii: ":")]))
    }

    /// The directories that a value names, an empty name for the working directory.
    static func directories(of value: Word) -> [Word] {
        value.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ";") }
            .map { $0.isEmpty ? Word(".") : Word($0) }
    }

    /// Which of the libraries of `LD_PRELOAD` are there: the loader of each process complains of one that is not.
    static func presence(ofPreloads value: Word) -> Word {
        let standard = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu"]
        let directories =
            Self.directories(of: Environment.value("LD_LIBRARY_PATH") ?? []) + standard.map { Word($0.utf8) }
        return value.split { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: " ") }
            .map { library in
                let places =
                    library.contains(UInt8(ascii: "/"))
                    ? [Word(library)] : directories.map { $0 + [UInt8(ascii: "/")] + library }
                return places.contains { FileStatus.of(Path(bytes: $0)) != nil } ? UInt8(ascii: "+") : UInt8(ascii: "-")
            }
    }
}
