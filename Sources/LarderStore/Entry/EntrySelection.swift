/// Which entries a collection removes: of a list, the least recently used first, as many as each bound asks for.
struct EntrySelection {
    /// Bytes on the disk of each entry.
    private let bytes: [Int64]
    /// Why an entry goes; nil for each that stays.
    private(set) var reasons: [CollectionPlan.Reason?]
    private(set) var removed = Usage(entries: 0, bytes: 0)
    private var removalsLeft: Int

    init(bytes: [Int64], removals: Int) {
        self.bytes = bytes
        reasons = Array(repeating: nil, count: bytes.count)
        removalsLeft = removals
    }

    /// Bytes of all that stay, or of those of `indices` that do.
    func kept(of indices: some Sequence<Int>) -> Int64 {
        indices.reduce(0) { reasons[$1] == nil ? $0.adding(saturating: bytes[$1]) : $0 }
    }

    /// Takes the first of `indices` that stay as yet, until they have `wanted` bytes.
    ///
    /// - Parameter remove: false for one that cannot be removed, in whose place another one goes.
    mutating func take(
        _ wanted: Int64,
        of indices: some Sequence<Int>,
        because reason: CollectionPlan.Reason,
        if remove: (Int) -> Bool = { _ in true }
    ) {
        var taken: Int64 = 0
        for index in indices where reasons[index] == nil {
            guard taken < wanted, removalsLeft > 0 else { return }
            removalsLeft -= 1
            guard remove(index) else { continue }
            reasons[index] = reason
            taken = taken.adding(saturating: bytes[index])
            removed.entries += 1
            removed.bytes = removed.bytes.adding(saturating: bytes[index])
        }
    }
}
