internal import Glibc

/// The process that we are.
package enum CurrentProcess {
    /// Its number.
    package static var id: Int32 { getpid() }
}
