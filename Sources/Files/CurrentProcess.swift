internal import Glibc

/// The process that we are.
package enum CurrentProcess {
    /// Its number.
    package static let id: Int32 = getpid()
}
