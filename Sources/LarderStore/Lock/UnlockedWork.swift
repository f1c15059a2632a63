internal import Files

/// Work that a process does without its lock, because another process has held the lock for too long.
///
/// Its record lies in `locks/`, also when the process has become another program. So whoever holds the lock can find out that it
/// was not alone.
package enum UnlockedWork {
    /// Says that this process goes on without the lock `name`.
    ///
    /// Where that cannot be written nobody learns of it.
    package static func note(_ name: LockName, in store: Path) {
        let record = LockRecord(.lease, purpose: "work without the lock", timing: LeaseTiming())
        let path = TemporaryEntry.name(beside: LockPlace(name, in: store).unlocked)
        guard let file = try? Descriptor(creating: path) else { return }
        try? file.write(record.encoded())
    }

    /// Removes the records of processes that have ended: the holder of the lock does so before it begins.
    ///
    /// Of one on another machine, or in another container, nobody here can tell: it counts for a day.
    package static func forgetEnded(_ name: LockName, in store: Path) {
        for path in records(of: name, in: store) {
            guard let found = try? FoundRecord.at(path) else { continue }
            let isOld = Clock.wall.subtracting(saturating: found.renewed) > 24 * Leftover.age
            let life = found.record?.process.life ?? .unknown
            if life == .dead || life == .unknown && isOld { try? Directory.removeFile(path) }
        }
    }

    /// True where somebody has worked without the lock since ``forgetEnded(_:in:)``, or still does.
    package static func isNoted(_ name: LockName, in store: Path) -> Bool { !records(of: name, in: store).isEmpty }

    private static func records(of name: LockName, in store: Path) -> [Path] {
        let place = LockPlace(name, in: store)
        let prefix = Array(place.unlocked.name) + [UInt8(ascii: ".")]
        let names = (try? Directory.names(in: place.directory)) ?? []
        return names.filter { $0.starts(with: prefix) }.map { place.directory.appending(bytes: $0) }
    }
}
