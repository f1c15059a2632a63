internal import CLinux
internal import Glibc

/// The process that we are.
package enum CurrentProcess {
    /// Its number.
    package static let id: Int32 = getpid()
    /// Notes that it begins its work now: before it has a second thread.
    package static func begins() { larder_process_begins() }
    /// How long ago it began its work, in nanoseconds; 0 where that was not noted.
    package static var age: Int64 { larder_process_age() }
    /// The file of its program; nil where nothing of that kind can be looked at.
    package static var program: FileIdentity? {
        if let status = FileStatus.of("/proc/self/exe") { return status.identity }
        // There may be no /proc. A program that does not know itself would start itself where it stands for another.
        return larder_program_path().flatMap { FileStatus.of($0)?.identity }
    }
    /// The path under which the kernel was asked to run it, links and all; nil where that is not known.
    package static var programPath: Path? {
        larder_program_path().map { Path(bytes: UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
    /// The user in whose name it acts.
    ///
    /// As the kernel told it when the program began, which takes no system call.
    package static let user: UInt32 = larder_user()

    /// The groups for which it may act, the effective one first.
    package static var groups: [UInt32] {
        var groups = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
        let count = getgroups(Int32(groups.count), &groups)
        return [getegid()] + groups.prefix(max(0, Int(count))).sorted()
    }

    /// All its users and groups, in a form of ours.
    package static var credentials: String { "\(getuid()) \(geteuid()) \(getgid()) \(groups)" }

    /// The permissions that new files of this process do not get.
    ///
    /// Asking means setting it twice, so this is for a process that has no second thread yet.
    package static var fileModeMask: UInt32 {
        let mask = umask(0o077)
        umask(mask)
        return mask
    }
}
