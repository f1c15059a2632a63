internal import Glibc

/// Programs, found as a shell finds them.
package enum Executable {
    /// The program that `name` means: itself where it has a slash, else the first of that name in `PATH`.
    ///
    /// Nil when there is none that this process may run.
    package static func find(_ name: [UInt8]) -> Path? {
        guard !name.isEmpty else { return nil }
        if name.contains(UInt8(ascii: "/")) {
            let path = Path(bytes: name)
            return isExecutable(path) ? path : nil
        }
        let search = Environment.value("PATH") ?? Array("/usr/local/bin:/bin:/usr/bin".utf8)
        for directory in search.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            let path = (directory.isEmpty ? "." : Path(bytes: directory)).appending(bytes: name)
            if isExecutable(path) { return path }
        }
        return nil
    }

    private static func isExecutable(_ path: Path) -> Bool {
        FileStatus.of(path)?.kind == .regular && path.withCString { access($0, X_OK) } == 0
    }
}

extension SystemError {
    /// True when a file is no program of the kernel's: a shell may still read it.
    package var isForeignProgram: Bool { code == ENOEXEC }

    /// True when a child was not started because this process is to end.
    package var isCancellation: Bool { code == ECANCELED }
}
