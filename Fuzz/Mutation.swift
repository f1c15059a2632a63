/// Changes bytes as accidents and attackers do; the same seed makes the same changes.
struct Mutation {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    private mutating func number(below limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }

    mutating func choose<Element>(_ elements: [Element]) -> Element { elements[number(below: elements.count)] }

    /// `bytes` with one change or a few.
    mutating func mutated(_ bytes: [UInt8], with others: [[UInt8]]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...number(below: 4) { change(&bytes, others) }
        return bytes.count > 1 << 16 ? Array(bytes[..<(1 << 16)]) : bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ others: [[UInt8]]) {
        let at = number(below: bytes.count)
        switch number(below: 8) {
        case 0 where !bytes.isEmpty: bytes[at] ^= 1 << UInt8(number(below: 8))
        case 1 where !bytes.isEmpty: bytes[at] = choose([0, 1, 0x7f, 0x80, 0xff, UInt8(number(below: 256))])
        case 2: bytes.insert(contentsOf: (0...number(below: 8)).map { _ in UInt8(number(below: 256)) }, at: at)
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + number(below: 16)))
        case 4: bytes.removeSubrange(at...)
        case 5 where !bytes.isEmpty:
            // A length or a count: what is near its bounds.
            let values: [UInt64] = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, .max, UInt64(bytes.count), next()]
            let value = choose(values)
            for index in 0..<choose([2, 4, 8]) where at + index < bytes.count {
                bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
            }
        case 6:
            let end = min(bytes.count, at + 1 + number(below: 64))
            bytes.insert(contentsOf: Array(bytes[at..<end]), at: number(below: bytes.count))
        default:
            let other = choose(others)
            bytes = bytes[..<at] + other.suffix(number(below: other.count + 1))
        }
    }
}
