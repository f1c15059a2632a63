internal import Files
internal import NIOCore
internal import NIOPosix

/// A tier in a directory that several machines see: NFS, SMB, or a volume that containers share.
///
/// A file for each entry, whole or not there. A file system that hangs holds up threads of this tier alone.
struct DirectoryTier: RemoteTier {
    private let address: TierAddress
    private let directory: Path
    private let eventLoop: any EventLoop
    private let threads: NIOThreadPool

    /// How many files are read or written at a time.
    private static let threadCount = 8
    /// A file that is read gets a new time where its own is older than this, in nanoseconds: who evicts goes by that.
    private static let day: Int64 = 86_400_000_000_000

    init(_ address: TierAddress, _ dialer: Dialer) {
        self.address = address
        directory = Path("/" + address.path)
        eventLoop = dialer.eventLoop
        threads = NIOThreadPool(numberOfThreads: Self.threadCount)
        threads.start()
    }

    func get(_ key: String, within nanoseconds: Int64) async throws(TierFailure) -> [UInt8]? {
        let path = directory.appending(try TierKey(key).path(address.layout))
        let (directory, limit, touches) = (directory, address.maximumEntry, address.writes)
        return try await perform(within: nanoseconds) { () throws(TierFailure) in
            guard let status = FileStatus.of(path), status.kind == .regular else {
                try Self.check(directory)
                return nil
            }
            guard status.size <= limit else {
                throw TierFailure(.tooLarge, "The entry is larger than \(limit) bytes.")
            }
            let bytes: [UInt8]
            do throws(SystemError) { bytes = try SmallFile.read(path, limit: limit) } catch {
                // Evicted in this moment.
                if error.isAbsence { return nil }
                throw Self.failure(error)
            }
            if touches, status.identity.modified < Clock.wall - Self.day { Directory.setTimes(path, to: Clock.wall) }
            return bytes
        }
    }

    func put(_ key: String, _ value: [UInt8], within nanoseconds: Int64) async throws(TierFailure) {
        let path = directory.appending(try TierKey(key).path(address.layout))
        guard value.count <= address.maximumEntry else {
            throw TierFailure(.tooLarge, "The entry is larger than \(address.maximumEntry) bytes.")
        }
        let directory = directory
        try await perform(within: nanoseconds) { () throws(TierFailure) in
            let mode = try Self.check(directory)
            do throws(SystemError) {
                try Self.make(path.parent, below: directory, mode)
                let file = try TemporaryEntry(beside: path)
                try file.file.setPermissions(mode & 0o666)
                try file.file.write(value)
                try file.publish()
            } catch {
                throw Self.failure(error)
            }
        }
    }

    /// Threads that hang are left to themselves.
    func close() async { threads.shutdownGracefully { _ in } }

    /// Does `body` on a thread of its own, and waits for it no longer than that.
    private func perform<Value: Sendable>(
        within nanoseconds: Int64,
        _ body: @escaping @Sendable () throws(TierFailure) -> Value
    ) async throws(TierFailure) -> Value {
        let waiter = Waiter<Value>()
        let late = TierFailure(.timedOut, "The file system does not answer.")
        threads.submit { state in
            guard case .active = state else {
                waiter.resume(.failure(TierFailure(.unreachable, "The tier has been closed.")))
                return
            }
            do throws(TierFailure) { waiter.resume(.success(try body())) } catch { waiter.resume(.failure(error)) }
        }
        return try await waiter.value(on: eventLoop, until: .within(nanoseconds), orElse: late)
    }

    /// The directory's permissions.
    ///
    /// One that is not there is not made: something has not been mounted.
    @discardableResult
    private static func check(_ directory: Path) throws(TierFailure) -> UInt32 {
        guard let status = FileStatus.of(directory), status.kind == .directory else {
            throw TierFailure(.unreachable, "The directory is not there.")
        }
        return status.mode & 0o7777
    }

    /// Makes `path` with the permissions of the tier's directory, which say who shares it, whatever the umask is.
    private static func make(_ path: Path, below directory: Path, _ mode: UInt32) throws(SystemError) {
        guard path != directory, FileStatus.of(path) == nil else { return }
        try make(path.parent, below: directory, mode)
        try Directory.make(path, mode: 0o700)
        try Descriptor(directory: path).setPermissions(mode)
    }

    private static func failure(_ error: SystemError) -> TierFailure {
        let kind: TierFailure.Kind = error.isRefusal ? .refused : error.isOutOfSpace ? .full : .unreachable
        return TierFailure(kind, "The file system says: \(SystemError.text(of: error.code)).")
    }
}
