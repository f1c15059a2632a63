/// The working directory by the name that compilers give it: `PWD` where that names it, else the one that the kernel knows.
///
/// gcc (`getpwd` of libiberty) and clang (`current_path` of LLVM) do so. A build tool that starts a compiler in another
/// directory than its own leaves a `PWD` that names its own; that says nothing.
package enum LogicalDirectory {
    /// - Parameters:
    ///   - directory: the working directory, absolute.
    ///   - given: the value of `PWD`; nil where it is not set.
    package static func name(of directory: Path, given: [UInt8]?) -> [UInt8] {
        let real = Array(directory.bytes)
        // Mostly it is the same.
        guard let given, given != real, given.first == UInt8(ascii: "/") else { return real }
        guard let named = FileStatus.of(Path(bytes: given))?.identity, let here = FileStatus.of(".")?.identity,
            named.inode == here.inode, named.device == here.device
        else { return real }
        return given
    }
}
