internal import Files

/// A lock that this process holds: its record, kept alive by a heartbeat, and the kernel's lock behind it.
///
/// Dropped, the record goes first, then the kernel's lock.
struct HeldLock: ~Copyable, Sendable {
    private let place: LockPlace
    private let record: LockRecord
    /// The file of the record; nil where a full disk had no room for one.
    private let heart: Heartbeat?
    private let kernelLock: LockFile?

    init(
        _ file: consuming Descriptor?,
        _ record: LockRecord,
        _ kernelLock: consuming LockFile?,
        at place: LockPlace,
        timing: LeaseTiming
    ) {
        switch consume file {
        case .some(let file): heart = Heartbeat(of: file, every: timing.interval)
        case nil: heart = nil
        }
        (self.record, self.place) = (record, place)
        self.kernelLock = kernelLock
    }

    /// False once another has taken the lock over.
    var isOurs: Bool {
        switch heart {
        case .some(let heart): hasNotExpired(heart) && isInPlace(heart)
        case nil: true
        }
    }

    /// Whether the last sign of life is so young that nobody can take us for dead.
    private func hasNotExpired(_ heart: borrowing Heartbeat) -> Bool { heart.age < record.expiry / 2 }

    /// Whether the file with the record's name is ours.
    private func isInPlace(_ heart: borrowing Heartbeat) -> Bool {
        guard let ours = try? heart.file.status().identity, let theirs = FileStatus.ofLink(place.owner)?.identity else {
            return false
        }
        return ours.inode == theirs.inode && ours.device == theirs.device
    }

    deinit {
        switch heart {
        case .some(let heart):
            if record.backend == .advisory, hasNotExpired(heart) {
                // Nobody may succeed us now.
                if isInPlace(heart) { try? Directory.removeFile(place.owner) }
            } else if !removeRecord(), hasNotExpired(heart), isInPlace(heart) {
                // No room for a claim: the next best.
                try? Directory.removeFile(place.owner)
            }
        case nil: break
        }
        // A process that is just being started has the file open, too, until it has become another program.
        switch kernelLock {
        case .some(let lock): lock.release()
        case nil: break
        }
    }

    /// Removes the record unless somebody has it, or is about to have it, who took us for dead; says whether that could
    /// be found out.
    private borrowing func removeRecord() -> Bool {
        do throws(SystemError) {
            var release = try NewRecord(record, at: place, toleratesFullDisk: true)
            let succession = place.succession(to: record.id, level: 0)
            guard try release.claim(succession) else { return true }
            CrashPoint.reach("lock_releasing")
            if try FoundRecord.at(place.owner)?.id == record.id { try Directory.removeFile(place.owner) }
            CrashPoint.reach("lock_released")
            return true
        } catch {
            return false
        }
    }
}
