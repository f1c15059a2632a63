/// A few dozen names, against which the many of a directory are held.
///
/// A hit does this whenever a build has written beside its sources. A `Set` would do it as well; but the first one of
/// a process has the runtime look for conformances, which takes longer than all other work of a hit (0.15 ms). So
/// these are hashed and probed by hand, in memory that is theirs alone; the names stay where they are.
struct NameTable: ~Copyable {
    /// A slot without an address is free.
    ///
    /// There are at least twice as many as names, so a search ends.
    private let slots: UnsafeMutablePointer<UnsafeRawBufferPointer>
    private let mask: Int

    /// Room for `count` names, which must outlive the table.
    init(count: Int) {
        var size = 8
        while size < 2 * count { size *= 2 }
        slots = .allocate(capacity: size)
        slots.initialize(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: size)
        mask = size - 1
    }

    deinit { slots.deallocate() }

    /// Adds a name; no more than there is room for.
    func insert(_ name: UnsafeRawBufferPointer) { slots[slot(of: name)] = name }

    func contains(_ name: UnsafeRawBufferPointer) -> Bool { slots[slot(of: name)].baseAddress != nil }

    /// True when one of the names, each ended by NUL, that `listing` consists of is here.
    func containsAny(of listing: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        for end in 0..<listing.count where listing[end] == 0 {
            if contains(UnsafeRawBufferPointer(rebasing: listing[start..<end])) { return true }
            start = end + 1
        }
        return false
    }

    /// Where the name is, or would be.
    private func slot(of name: UnsafeRawBufferPointer) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var slot = Int(truncatingIfNeeded: hash >> 20) & mask
        while slots[slot].baseAddress != nil, !Self.areEqual(slots[slot], name) { slot = (slot + 1) & mask }
        return slot
    }

    private static func areEqual(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        guard one.count == other.count else { return false }
        for index in 0..<one.count where one[index] != other[index] { return false }
        return true
    }
}
