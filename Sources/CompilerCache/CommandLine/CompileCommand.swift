package import Files

/// A command line as it came: the compiler's name, its arguments, and where it runs.
package struct CompileCommand: Sendable {
    /// What the compiler sees as its own name: as the user wrote it, or its path where that name in `PATH` is a link to us.
    package let name: [UInt8]
    /// The program that this name leads to.
    package let compiler: Path
    /// What follows the name.
    package let arguments: [[UInt8]]
    /// The working directory as the kernel names it.
    package let directory: Path

    /// True where the launcher stands in `PATH` under the compiler's name.
    let isStandIn: Bool

    package init(
        name: [UInt8],
        compiler: Path,
        arguments: [[UInt8]],
        directory: Path,
        isStandIn: Bool = false
    ) {
        self.isStandIn = isStandIn
        self.name = name
        self.compiler = compiler
        self.arguments = arguments
        self.directory = directory
    }
}
