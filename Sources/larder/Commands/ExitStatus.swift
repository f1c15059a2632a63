internal import Terminal

extension ExitStatus {
    /// A file that cannot be run, as shells have it.
    static let notExecutable = ExitStatus(rawValue: 126)
    /// No such command to run, as shells have it.
    static let notFound = ExitStatus(rawValue: 127)
}
