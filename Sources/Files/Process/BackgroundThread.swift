internal import CLinux
internal import Glibc

/// A thread that works beside the program's own and gives way to everybody else's work.
package enum BackgroundThread {
    /// Starts a thread that runs `body`; it takes no signals.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let context = Unmanaged.passRetained(Work(body))
        let failure = larder_start_thread(
            { context in
                guard let context else { return nil }
                Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                return nil
            },
            context.toOpaque()
        )
        guard failure != 0 else { return }
        context.release()
        throw SystemError("pthread_create", code: failure)
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Lets the calling thread have a working directory of its own; false where the system has no such thing.
    package static func leaveSharedDirectory() -> Bool { larder_leave_shared_directory() == 0 }

    /// Makes `directory` the working directory of the calling thread, which has left the shared one.
    package static func enter(_ directory: borrowing Descriptor) throws(SystemError) {
        guard fchdir(directory.raw) == 0 else { throw SystemError("fchdir") }
    }

    /// Makes the root the working directory of the calling thread, so that it keeps no other one busy.
    package static func leaveDirectory() { _ = chdir("/") }

    /// Has the calling thread be scheduled after others, by so many steps of nice(2).
    package static func giveWay(_ steps: Int32) { larder_give_way(steps) }
}

/// A program that goes on when the one that started it has ended.
package enum DetachedProcess {
    /// Starts `program` in a session of its own, with nothing of ours but `kept`, which it finds as
    /// ``inheritedDescriptor``; returns when it runs.
    package static func start(
        _ program: Path,
        arguments: [[UInt8]],
        environment: [[UInt8]],
        keeping kept: borrowing Descriptor
    ) throws(SystemError) {
        let failure = program.withCString { path in
            Child.withCStrings(arguments) { argv in
                Child.withCStrings(environment) { envp in larder_start_apart(path, argv, envp, kept.raw) }
            }
        }
        guard failure == 0 else { throw SystemError("posix_spawn", at: program, code: failure) }
    }

    /// The limit of this process under which a program that it starts could not serve others; nil where there is none.
    package static var hinderingLimit: String? { larder_hindering_limit().map { String(cString: $0) } }

    /// What a program that ``start(_:arguments:environment:keeping:)`` has started was given.
    package static let inheritedDescriptor: CInt = 3

    /// Leaves what the process that started this one was given: no working directory, no descriptor but that one.
    ///
    /// Nil where it was not given.
    package static func detach() -> Descriptor? {
        guard fcntl(inheritedDescriptor, F_GETFD) >= 0 else { return nil }
        larder_detach(inheritedDescriptor)
        return Descriptor(owning: inheritedDescriptor)
    }

    /// As few pages as possible, from the first moment on.
    package static func keepMemorySmall() { larder_keep_memory_small() }

    /// Gives back memory that is free.
    package static func releaseMemory() { larder_release_memory() }

    /// Bytes of memory that the process has in use now, its program's pages among them; 0 when unknown.
    package static var residentBytes: Int64 {
        guard let bytes = try? SmallFile.read("/proc/self/statm") else { return 0 }
        let fields = bytes.split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int64(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
        return pages.multiplied(saturating: Int64(sysconf(CInt(_SC_PAGESIZE))))
    }

    /// True when the file of the running program has been removed or replaced.
    package static var isReplaced: Bool {
        // The kernel follows the link to the very file, whatever has its name now.
        FileStatus.of("/proc/self/exe" as Path).map { $0.links == 0 } ?? false
    }

    /// True when `process` is `ancestor`, or was started by it or by one of its descendants.
    package static func descends(_ process: Int32, from ancestor: Int32) -> Bool {
        var process = process
        for _ in 0..<64 {
            if process == ancestor { return true }
            guard process > 1, let parent = ProcessIdentity.parent(of: process) else { return false }
            process = parent
        }
        return false
    }

    /// Lets the process have as many descriptors open as its limit allows.
    package static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 256 }
        limit.rlim_cur = min(limit.rlim_max, 16384)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(limit.rlim_cur)
    }
}

/// Which files a path means to a process: those of one mount namespace below one root.
package struct FileView: Hashable, Sendable {
    /// Of the mount namespace, as /proc names it.
    package var namespace: UInt64
    package var rootDevice: UInt64
    package var rootInode: UInt64

    package init(namespace: UInt64, rootDevice: UInt64, rootInode: UInt64) {
        (self.namespace, self.rootDevice, self.rootInode) = (namespace, rootDevice, rootInode)
    }

    /// Ours; nil where the system does not say.
    package static var current: FileView? {
        guard let namespace = FileStatus.of("/proc/self/ns/mnt" as Path), let root = FileStatus.of("/" as Path) else {
            return nil
        }
        return FileView(
            namespace: namespace.identity.inode,
            rootDevice: root.identity.device,
            rootInode: root.identity.inode
        )
    }
}
