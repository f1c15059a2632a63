internal import Glibc

/// A system call that failed: which one, why, and where.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name of the system call, as its manual page has it.
    public let call: String
    /// The value of `errno`.
    public let code: Int32
    /// What the call was about, where it names a file.
    public let path: Path?

    /// Describes the failure of `call` with `code`, by default the current `errno`.
    public init(_ call: String, at path: Path? = nil, code: Int32 = errnoNow()) {
        self.call = call
        self.code = code
        self.path = path
    }

    /// `open /x: No such file or directory`.
    public var description: String {
        let reason = Self.text(of: code)
        guard let path else { return "\(call): \(reason)" }
        return "\(call) \(path): \(reason)"
    }

    /// What the system says to `code`, such as "Connection refused".
    package static func text(of code: Int32) -> String { String(cString: strerror(code)) }

    /// The errno of a file that is not there, and of a directory on the way that is none.
    package static let noEntry = ENOENT
    package static let brokenPipe = EPIPE
    package static let notDirectory = ENOTDIR

    /// True when the file, or a directory on the way to it, does not exist.
    public var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
}

/// The calling thread's `errno`; a function, so that a public default argument may use it.
@usableFromInline
func errnoNow() -> Int32 { errno }
