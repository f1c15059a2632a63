internal import CLinux
internal import Glibc

/// The process that we are.
package enum CurrentProcess {
    /// Its number.
    package static let id: Int32 = getpid()
    /// The user in whose name it acts.
    ///
    /// As the kernel told it when the program began, which takes no system call.
    package static let user: UInt32 = larder_user()

    /// The permissions that new files of this process do not get.
    ///
    /// Asking means setting it twice, so this is for a process that has no second thread yet.
    package static var fileModeMask: UInt32 {
        let mask = umask(0o077)
        umask(mask)
        return mask
    }
}
