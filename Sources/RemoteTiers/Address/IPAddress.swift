/// Addresses as they are written.
enum IPAddress {
    /// The four bytes of `192.168.0.1`; nil for all else, such as the short forms that some resolvers take.
    static func version4(_ text: Substring) -> [UInt8]? {
        let words = text.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for word in words {
            // A zero in front means octal to some.
            guard let number = TierAttributes.number(word), number < 256, word.count == 1 || word.first != "0" else {
                return nil
            }
            bytes.append(UInt8(number))
        }
        return bytes
    }

    /// The eight groups of an IPv6 address, without brackets and without a zone.
    static func version6(_ text: Substring) -> [UInt16]? {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        switch halves.count {
        case 1:
            let all = groups(halves[0])
            return all?.count == 8 ? all : nil
        case 2:
            guard let head = halves[0].isEmpty ? [] : groups(halves[0]),
                let tail = halves[1].isEmpty ? [] : groups(halves[1]), head.count + tail.count < 8
            else { return nil }
            return head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
        default: return nil
        }
    }

    /// Groups of hex digits; the last may be an IPv4 address, which is two.
    private static func groups(_ text: Substring) -> [UInt16]? {
        var groups: [UInt16] = []
        let words = text.split(separator: ":", omittingEmptySubsequences: false)
        for (position, word) in zip(1..., words) {
            if position == words.count, let last = version4(word) {
                groups.append(UInt16(last[0]) << 8 | UInt16(last[1]))
                groups.append(UInt16(last[2]) << 8 | UInt16(last[3]))
            } else {
                guard (1...4).contains(word.utf8.count), word.first != "+", word.first != "-",
                    let group = UInt16(word, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }
}
