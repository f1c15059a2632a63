/// Whether names that we look for could be made of parts by the preprocessor: `#define CAT(a, b) a##b` makes
/// `__TIME__` of `__TI` and `ME__`, and no scan for the whole name sees it.
///
/// Where the parts come together cannot be told without being a preprocessor. So every identifier that is a part of
/// such a name is noted, in all files of a compile, and where the parts would do the name counts as used. Parts of one
/// letter are no news in C++ (`T`, `E`, `_`), so a name of more than three parts needs longer ones.
struct PastedNames: Sendable {
    /// The names that make a difference, whole.
    static let names: [[UInt8]] = [
        "__DATE__", "__TIME__", "__TIMESTAMP__", "__has_include", "__has_include_next", "__has_embed",
        "__FILE__", "__BASE_FILE__", "__PRETTY_FUNCTION__",
    ].map { Array($0.utf8) }
    private static let longest = 18

    /// Which stretches of each name occurred: a bit for each end, by name and start.
    private var stretches = [UInt32](repeating: 0, count: names.count * (longest + 1))
    /// Which bytes occurred as a name of one letter: a bit for each.
    private var letters: InlineArray<4, UInt64> = [0, 0, 0, 0]
    /// True when two tokens are pasted anywhere.
    private(set) var pastes = false

    /// Whether two bytes follow each other in one of the names: sorts nearly all identifiers out.
    ///
    /// Filled once and only read from then on.
    private nonisolated(unsafe) static let pairs: UnsafePointer<Bool> = {
        let pairs = UnsafeMutablePointer<Bool>.allocate(capacity: 1 << 16)
        pairs.initialize(repeating: false, count: 1 << 16)
        for name in names {
            for index in 1..<name.count { pairs[Int(name[index - 1]) << 8 | Int(name[index])] = true }
        }
        return UnsafePointer(pairs)
    }()
    private nonisolated(unsafe) let pairs = Self.pairs

    mutating func notePasting() { pastes = true }

    /// What stands beside an identifier.
    struct Neighbours {
        /// Something may be put behind it.
        var mayLead: Bool
        /// It may be put behind something.
        var mayFollow: Bool
        /// Only if this is a macro: the hash of the identifier before it.
        var behind: UInt64?

        static let anywhere = Neighbours(mayLead: true, mayFollow: true, behind: nil)
    }

    /// A stretch of a name that counts where something is a macro.
    private struct Doubt {
        var slot: Int
        var ends: UInt32
        var macro: UInt64
    }
    private var doubts: [Doubt] = []

    /// Sorts nearly all identifiers out: every one of every header comes here.
    @inline(__always)
    func mayNote(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
        word.count <= Self.longest && (word.count == 1 || pairs[Int(word[0]) << 8 | Int(word[1])])
    }

    /// Notes an identifier, if it is a part of one of the names and not the whole.
    ///
    /// - Parameter isFirst: it can only be the first part, as `__` in `__ ## name`.
    mutating func note(_ word: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ neighbours: Neighbours) {
        if word.count == 1, word[0] != UInt8(ascii: "_") {
            letters[Int(word[0] >> 6)] |= 1 << UInt64(word[0] & 63)
            return
        }
        for (number, name) in Self.names.enumerated() where word.count < name.count {
            for start in 0...(isFirst ? 0 : name.count - word.count) where name[start] == word[0] {
                var length = 1
                while length < word.count, name[start + length] == word[length] { length += 1 }
                let end = start + length
                guard length == word.count, start == 0 || neighbours.mayFollow, end == name.count || neighbours.mayLead
                else { continue }
                let slot = number * (Self.longest + 1) + start
                if start > 0, let macro = neighbours.behind {
                    doubts.append(Doubt(slot: slot, ends: 1 << UInt32(end), macro: macro))
                } else {
                    stretches[slot] |= 1 << UInt32(end)
                }
            }
        }
    }

    mutating func formUnion(_ other: PastedNames) {
        for index in stretches.indices { stretches[index] |= other.stretches[index] }
        for index in letters.indices { letters[index] |= other.letters[index] }
        doubts += other.doubts
        if other.pastes { pastes = true }
    }

    /// The names that could be made.
    ///
    /// - Parameter isMacro: whether a macro's name has a hash; called only where that makes a difference.
    func possible(_ isMacro: (UInt64) -> Bool) -> [[UInt8]] {
        guard pastes else { return [] }
        var all = self
        for doubt in doubts { all.stretches[doubt.slot] |= doubt.ends }
        if doubts.isEmpty || all.possible.isEmpty { return all.possible }
        var known = self
        for doubt in doubts where isMacro(doubt.macro) { known.stretches[doubt.slot] |= doubt.ends }
        return known.possible
    }

    private var possible: [[UInt8]] {
        Self.names.indices.filter {
            isPossible($0, parts: 3, shortest: 1) || isPossible($0, parts: 8, shortest: 2)
        }
        .map { Self.names[$0] }
    }

    /// True when at most so many parts make the name, none of them shorter than `shortest`.
    private func isPossible(_ number: Int, parts limit: Int, shortest: Int) -> Bool {
        let name = Self.names[number]
        var reached: UInt32 = 1
        for _ in 0..<limit {
            var next = reached
            for start in 0..<name.count where reached & 1 << UInt32(start) != 0 {
                var ends = stretches[number * (Self.longest + 1) + start]
                if letters[Int(name[start] >> 6)] & 1 << UInt64(name[start] & 63) != 0 {
                    ends |= 1 << UInt32(start + 1)
                }
                for end in (start + 1)...name.count where ends & 1 << UInt32(end) != 0 {
                    if end - start >= shortest { next |= 1 << UInt32(end) }
                }
            }
            reached = next
        }
        return reached & 1 << UInt32(name.count) != 0
    }
}
