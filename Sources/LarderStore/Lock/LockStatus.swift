public import Files

/// A lock as it is at this moment, seen without taking it or waiting for anyone.
public struct LockStatus: Hashable, Sendable {
    /// The lock.
    public let name: LockName
    /// Whether somebody holds it.
    public let isHeld: Bool
    /// Who holds it, or who left it behind when it ended; nil where that cannot be told.
    public let owner: LockOwner?

    /// Every lock that was ever taken in the store in `store`, by name; none where there is no store.
    public static func all(in store: Path) throws(SystemError) -> [LockStatus] {
        let directory = LockPlace.directory(in: store)
        let names: [ArraySlice<UInt8>]
        do throws(SystemError) {
            names = try Directory.names(in: directory)
        } catch {
            // Something else that has the name is no place without locks.
            guard error.isAbsence, FileStatus.ofLink(directory) == nil else { throw error }
            return []
        }
        var locks: Set<String> = []
        for name in names where !LockPlace.isTemporary(name) {
            let text = String(decoding: name, as: UTF8.self)
            for suffix in [".lock", ".owner"] where text.hasSuffix(suffix) {
                locks.insert(String(text.dropLast(suffix.count)))
            }
        }
        return locks.sorted().compactMap { LockName($0).map { of($0, in: store) } }
    }

    /// The lock `name`, which need not exist.
    ///
    /// Where no record says who holds it the kernel is asked whether somebody does.
    public static func of(_ name: LockName, in store: Path) -> LockStatus {
        let place = LockPlace(name, in: store)
        let found: FoundRecord?
        var isUnreadable = false
        do throws(SystemError) { found = try FoundRecord.at(place.owner) } catch { (found, isUnreadable) = (nil, true) }
        guard let found, let record = found.record else {
            // One that was written just now, or by somebody whose file system is full, or is not for our eyes.
            let isYoung =
                found.map { Clock.wall.subtracting(saturating: $0.renewed) < LeaseTiming().expiry } ?? isUnreadable
            return LockStatus(name: name, isHeld: LockFile.isTaken(at: place.lock) ?? false || isYoung, owner: nil)
        }
        let life = record.process.life
        // A holder that we cannot see is as good as its signs of life.
        let age = Clock.wall.subtracting(saturating: found.renewed)
        let isHeld = life == .alive || (life == .unknown && age < record.expiry)
        return LockStatus(name: name, isHeld: isHeld, owner: found.owner)
    }
}
