internal import Files

/// One process on its way to the record of a lock.
///
/// Whoever has the record holds the lock, whatever keeps it; that is how leases and the kernel's locks exclude each
/// other. A record is never removed or replaced because it looks old: only
///
/// 1. by its own process, or
/// 2. by the one process that has claimed the *succession* to it, a name made from the record's id, after it has been
///    proven dead, and after one more look whether it is still there.
///
/// Ids are never used again, so a slow process that has found a record dead cannot harm the one that came after it.
/// The succession is itself a record with an id; should its holder die, it is succeeded in the same way.
struct Claimant: ~Copyable {
    let place: LockPlace
    var record: LockRecord
    let timing: LeaseTiming
    /// Whether this process has the kernel's lock, which it takes first where it uses that at all.
    var hasKernelLock = false
    /// Whether the kernel's lock reaches everyone who can see the files.
    let trustsKernelLocks: Bool
    /// Who was in the way last.
    private(set) var holder: FoundRecord?
    /// Who was found dead, once the lock is ours.
    private(set) var predecessor: FoundRecord?
    /// When the last sign of life of a record was first seen, by id.
    private var watched: [String: (renewed: Int64, since: Int64)] = [:]
    /// Proof that no holder of a kernel's lock lives, for as long as the attempt takes.
    private var proof: LockFile?

    /// By the wall clock: no holder that lives misses so many beats, and no clock is set forward so far between two.
    private static let longDead: Int64 = 600_000_000_000
    private static let levels = 8

    init(_ record: LockRecord, at place: LockPlace, timing: LeaseTiming, trustsKernelLocks: Bool) {
        (self.record, self.place, self.timing) = (record, place, timing)
        self.trustsKernelLocks = trustsKernelLocks
    }

    /// Tries once; the open record, or nil while somebody else has it.
    mutating func attempt() throws(SystemError) -> Descriptor? {
        defer { proof = nil }
        // Mostly nobody is there.
        if holder == nil, hasKernelLock, trustsKernelLocks, let file = try NewRecord.inPlace(record, at: place) {
            return file
        }
        for _ in 0..<4 {
            // A look before the leap, but not before the first.
            if holder != nil, let found = try FoundRecord.at(place.owner), !isDead(found) {
                holder = found
                return nil
            }
            var new = try NewRecord(record, at: place, toleratesFullDisk: record.backend == .advisory)
            CrashPoint.reach("lock_written")
            if try new.claim(place.owner) { return new.keep() }
            guard let found = try FoundRecord.at(place.owner) else { continue }
            holder = found
            guard isDead(found) else { return nil }
            if try succeed(found, at: place.owner, level: 0, &new) {
                predecessor = found
                return new.keep()
            }
        }
        return nil
    }

    /// Puts `new` in the place of a dead record; false when somebody else did, or does.
    private mutating func succeed(
        _ dead: FoundRecord,
        at path: Path,
        level: Int,
        _ new: inout NewRecord
    ) throws(SystemError) -> Bool {
        let succession = place.succession(to: dead.id, level: level)
        if try !new.claim(succession) {
            guard level < Self.levels, let other = try FoundRecord.at(succession), isDead(other),
                try succeed(other, at: succession, level: level + 1, &new)
            else { return false }
        }
        CrashPoint.reach("lock_succession")
        // Had somebody been faster, the succession would be free again, but to a record that is no longer there.
        guard try FoundRecord.at(path)?.id == dead.id else { return false }
        try new.replace(path)
        CrashPoint.reach("lock_replaced")
        return try FoundRecord.at(path)?.id == new.record.id
    }

    // MARK: - Proof of death

    /// Whether the process behind a record is proven dead, or has shown no sign of life for as long as it promised to.
    private mutating func isDead(_ found: FoundRecord) -> Bool {
        guard let other = found.record else {
            // A lease's would be readable; so a kernel's lock is behind it, or was.
            if trustsKernelLocks { return hasKernelLock || kernelLockIsFree }
            return hasExpired(found, timing.expiry)
        }
        let isKept = other.backend == .advisory
        if isKept, hasKernelLock, trustsKernelLocks || other.process.isUnderOurKernel { return true }
        guard other.process.isUnderOurKernel else { return hasExpired(found, other.expiry) }
        switch other.process.life {
        case .dead: return true
        case .alive: return false
        case .unknown: return isKept ? kernelLockIsFree : hasExpired(found, other.expiry)
        }
    }

    /// Whether the kernel says that nobody has its lock; if so, nobody gets it while we are at it.
    private var kernelLockIsFree: Bool {
        mutating get {
            guard let file = try? LockFile(at: place.lock), (try? file.attempt()) == .taken else { return false }
            proof = consume file
            return true
        }
    }

    /// Whether a record was not renewed for `expiry` nanoseconds, watched by our own clock so that nobody's clock has
    /// to be right; or is so old that no clock can be that wrong.
    private mutating func hasExpired(_ found: FoundRecord, _ expiry: Int64) -> Bool {
        let now = Clock.boot
        if let seen = watched[found.id], seen.renewed == found.renewed {
            if now - seen.since >= expiry { return true }
        } else {
            watched[found.id] = (found.renewed, now)
        }
        guard Clock.wall.subtracting(saturating: found.renewed) > Self.longDead else { return false }
        let probe = try? NewRecord(record, at: place, toleratesFullDisk: true)
        switch probe {
        case .some(let probe): return probe.moment.subtracting(saturating: found.renewed) > Self.longDead
        case nil: return false
        }
    }
}
