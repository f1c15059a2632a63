/// What a command ends with.
package struct ExitStatus: RawRepresentable, Equatable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let success = ExitStatus(rawValue: 0)
    package static let failure = ExitStatus(rawValue: 1)
    /// Usage or configuration.
    package static let usage = ExitStatus(rawValue: 2)
    /// EX_UNAVAILABLE of sysexits.h: a program or a service that this needs is not there.
    package static let unavailable = ExitStatus(rawValue: 69)
    /// EX_TEMPFAIL of sysexits.h: a lock was not released in time.
    package static let busy = ExitStatus(rawValue: 75)
    /// A wait was cancelled by a signal, or what a shell says of a program that Ctrl-C ended.
    package static let cancelled = ExitStatus(rawValue: 130)
}

/// Why a command did not do its work: one sentence, without a full stop.
package struct Failure: Error {
    package var status: ExitStatus
    package let message: String
    /// What follows from it, where nothing else is done about it.
    package var consequence: String?
    /// Whether the user wants the cache's failures to be failures of the work.
    package var isStrict: Bool

    package init(status: ExitStatus = .failure, message: String, isStrict: Bool = false) {
        (self.status, self.message, self.isStrict) = (status, message, isStrict)
    }

    /// A command line that `command` does not understand.
    package init(usage message: String, _ command: Command) {
        self.init(status: .usage, message: "\(message); see '\(command.program) \(command.name) --help'")
    }
}
