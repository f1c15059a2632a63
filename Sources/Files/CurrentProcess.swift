internal import Glibc

/// The process that we are.
package enum CurrentProcess {
    /// Its number.
    package static let id: Int32 = getpid()
    /// The user in whose name it acts.
    package static let user: UInt32 = geteuid()
}
