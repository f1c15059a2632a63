/// Which node of a Redis cluster has which keys, as far as the nodes have told us.
package struct ClusterSlots {
    package static let count = 16384

    private var owners: [Int: TierAddress.Node] = [:]

    package init() {}

    /// The slot of a key: CRC16 (XMODEM) of all of it.
    ///
    /// Our keys have no hash tags in braces.
    package static func slot(_ key: String) -> Int {
        var crc: UInt16 = 0
        for byte in key.utf8 { crc = crc << 8 ^ table[Int(UInt8(crc >> 8) ^ byte)] }
        return Int(crc) % count
    }

    /// Who is to be asked for a slot: the node that had it last, or that had the next one below.
    ///
    /// Nodes have slots in long ranges, so this is right nearly always before long; nil when nothing is known.
    package func owner(_ slot: Int) -> TierAddress.Node? {
        guard !owners.isEmpty else { return nil }
        for candidate in stride(from: slot, through: 0, by: -1) {
            if let owner = owners[candidate] { return owner }
        }
        return owners.first?.value
    }

    package mutating func learn(_ slot: Int, _ node: TierAddress.Node) { owners[slot] = node }

    /// A node does not answer: none of its slots are known any more.
    package mutating func forget(_ node: TierAddress.Node) { owners = owners.filter { $0.value != node } }

    /// All nodes that have been heard of.
    package var nodes: Set<TierAddress.Node> { Set(owners.values) }

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { crc, _ in crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
    }
}
