internal import Files

/// The way to one lock: attempts, and the waits between them.
struct LockAcquisition: ~Copyable {
    private let place: LockPlace
    private let options: WriterLock.Options
    private let start = Clock.monotonic
    private let foreign: String?
    private var backend: LockBackend
    private var claimant: Claimant
    /// Open, and locked or not, while this process uses the kernel's lock.
    private var kernelLock: LockFile?

    /// Pauses between attempts, in nanoseconds: a release that the kernel tells us of is noticed at once, these are for
    /// the others.
    private static let pauses: (first: Int64, longest: Int64) = (10_000_000, 1_000_000_000)

    init(_ place: LockPlace, _ options: WriterLock.Options) {
        (self.place, self.options) = (place, options)
        foreign = Self.fileSystem(of: place.directory)
        let backend: LockBackend =
            switch options.mode {
            case .advisory: .advisory
            case .lease: .lease
            case .auto: foreign == nil ? .advisory : .lease
            }
        self.backend = backend
        claimant = Claimant(
            LockRecord(backend, purpose: options.purpose, timing: options.timing),
            at: place,
            timing: options.timing,
            trustsKernelLocks: foreign == nil
        )
    }

    /// The name of the file system where its locks cannot be trusted; asked of the nearest directory that exists.
    private static func fileSystem(of directory: Path) -> String? {
        var place = directory
        while FileStatus.of(place) == nil, place.parent != place { place = place.parent }
        return FileSystem.withoutTrustedLocks(place)
    }

    mutating func run() throws(LockError) -> WriterLock {
        if options.mode == .auto, let foreign { tell(.fallback(place.name, because: "it is on \(foreign)")) }
        if options.cancellation?.isCancelled == true { throw failure(.cancelled) }
        if try attempt() { return finish(isContended: false) }
        let contention = wait
        tell(.contended(contention))
        guard options.timeout.nanoseconds > 0 else { throw failure(.timedOut) }

        // The watch before the next attempt, so that no release falls between them.
        let watch = DirectoryWatch(on: place.directory)
        let prefix = Path("\(place.name).")
        var pause = Self.pauses.first
        var nextTick = Clock.monotonic.adding(saturating: max(options.tick, 1_000_000))
        while true {
            if try attempt() { return finish(isContended: true) }
            let now = wait
            if let remaining = now.remaining, remaining <= 0 { throw failure(.timedOut) }
            let clock = Clock.monotonic
            if clock >= nextTick {
                tell(.waiting(now))
                nextTick = clock.adding(saturating: max(options.tick, 1_000_000))
            }
            let rest = min(pause, now.remaining ?? .max, max(0, nextTick - clock))
            switch watch.wait(nanoseconds: rest, prefix: prefix, unless: options.cancellation) {
            case .cancelled: throw failure(.cancelled)
            case .changed: pause = Self.pauses.first
            case .elapsed: pause = min(pause * 2, Self.pauses.longest)
            }
        }
    }

    // MARK: - One attempt

    private var record: Descriptor?

    /// Says whether the lock is ours.
    private mutating func attempt() throws(LockError) -> Bool {
        for round in 0... {
            do throws(SystemError) {
                return try attemptOnce()
            } catch {
                let isUnsupported = backend == .advisory && !claimant.hasKernelLock && error.isWithoutLocks
                if isUnsupported, options.mode == .auto {
                    fallBack(because: "its file system has no locks")
                } else if error.isStaleHandle, round < 8 {
                    kernelLock = nil
                    claimant.hasKernelLock = false
                } else {
                    throw LockError(.system, place, underlying: error)
                }
            }
        }
        return false
    }

    private mutating func attemptOnce() throws(SystemError) -> Bool {
        if backend == .advisory, !claimant.hasKernelLock {
            guard try takeKernelLock() else { return false }
            claimant.hasKernelLock = true
        }
        do throws(SystemError) {
            guard let file = try claimant.attempt() else {
                letGo()
                return false
            }
            record = consume file
            return true
        } catch {
            // `clear` and `gc` have to work on a full disk; nobody else can write a record there either.
            guard backend == .advisory, error.isOutOfSpace else { throw error }
            return true
        }
    }

    /// Gives the kernel's lock back until the next attempt: a lease is in the way, and whoever waits for that must not
    /// look like the holder.
    private mutating func letGo() {
        switch kernelLock.take() {
        case .some(let file):
            file.release()
            kernelLock = consume file
        case nil: break
        }
        claimant.hasKernelLock = false
    }

    private mutating func takeKernelLock() throws(SystemError) -> Bool {
        try Fault.check("flock", at: place.lock)
        for _ in 0..<8 {
            let file: LockFile
            switch kernelLock.take() {
            case .some(let open): file = open
            case nil: file = try LockFile(at: place.lock)
            }
            switch try file.attempt() {
            case .taken:
                kernelLock = consume file
                return true
            case .busy:
                kernelLock = consume file
                return false
            case .replaced: continue
            }
        }
        return false
    }

    private mutating func fallBack(because reason: String) {
        kernelLock = nil
        backend = .lease
        claimant = Claimant(
            LockRecord(.lease, purpose: options.purpose, timing: options.timing),
            at: place,
            timing: options.timing,
            trustsKernelLocks: false
        )
        tell(.fallback(place.name, because: reason))
    }

    // MARK: - What comes of it

    private mutating func finish(isContended: Bool) -> WriterLock {
        if let dead = claimant.predecessor {
            tell(.succeeded(place.name, dead.owner))
            LockPlace.removeDeadRecords(beside: place)
        }
        // Who was in the way, not who is there now: that is us.
        let wait = wait(for: claimant.holder?.owner)
        let held = HeldLock(record.take(), claimant.record, kernelLock.take(), at: place, timing: options.timing)
        tell(.acquired(wait, isContended: isContended))
        return WriterLock(wait, held)
    }

    private func failure(_ code: LockError.Code) -> LockError {
        let wait = wait
        tell(code == .cancelled ? .cancelled(wait) : .timedOut(wait))
        return LockError(code, place, wait: wait)
    }

    /// What there is to say while somebody has the lock.
    private var wait: LockWait { wait(for: (try? FoundRecord.at(place.owner))?.owner ?? claimant.holder?.owner) }

    private func wait(for owner: LockOwner?) -> LockWait {
        LockWait(
            name: place.name,
            backend: backend,
            owner: owner,
            timeout: options.timeout,
            elapsed: Clock.monotonic - start
        )
    }

    private func tell(_ event: LockEvent) { for observer in options.observers { observer(event) } }
}
