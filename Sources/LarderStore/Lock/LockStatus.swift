public import Files

/// A lock as it is at this moment, seen without taking it or waiting for anyone.
public struct LockStatus: Hashable, Sendable {
    /// The lock.
    public let name: LockName
    /// Whether somebody holds it.
    public let isHeld: Bool
    /// Who holds it, or who left it behind when it ended; nil where that cannot be told.
    public let owner: LockOwner?

    /// Every lock that was ever taken in the store in `store`, by name.
    public static func all(in store: Path) -> [LockStatus] {
        let names = (try? Directory.names(in: LockPlace.directory(in: store))) ?? []
        var locks: Set<String> = []
        for name in names where !LockPlace.isTemporary(name[...]) {
            let text = String(decoding: name, as: UTF8.self)
            for suffix in [".lock", ".owner"] where text.hasSuffix(suffix) {
                locks.insert(String(text.dropLast(suffix.count)))
            }
        }
        return locks.sorted().compactMap { LockName($0).map { of($0, in: store) } }
    }

    /// The lock `name`, which need not exist.
    public static func of(_ name: LockName, in store: Path) -> LockStatus {
        guard let found = (try? FoundRecord.at(LockPlace(name, in: store).owner)) ?? nil else {
            return LockStatus(name: name, isHeld: false, owner: nil)
        }
        let life = found.record?.process.life ?? .unknown
        let expiry = found.record?.expiry ?? LeaseTiming().expiry
        // A holder that we cannot see is as good as its signs of life.
        let isHeld = life == .alive || (life == .unknown && Clock.wall - found.renewed < expiry)
        return LockStatus(name: name, isHeld: isHeld, owner: found.owner)
    }
}
