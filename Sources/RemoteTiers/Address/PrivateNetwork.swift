/// Hosts that a plain protocol is fine for.
enum PrivateNetwork {
    /// Whether `host` is on this machine or on a network of its own, by what it is called; nothing is looked up.
    static func contains(_ host: String) -> Bool {
        if let bytes = IPAddress.version4(host[...]) { return isPrivate(bytes) }
        if let groups = IPAddress.version6(host[...]) { return isPrivate(groups) }
        let name = host.hasSuffix(".") ? host.dropLast() : host[...]
        guard !name.isEmpty, !isNumber(name) else { return false }
        guard name.contains(".") else { return true }
        return [".lan", ".local", ".internal", ".home.arpa"].contains { name.lowercased().hasSuffix($0) }
    }

    private static func isPrivate(_ bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1]) {
        case (127, _), (10, _), (192, 168), (169, 254), (172, 16...31): true
        default: false
        }
    }

    private static func isPrivate(_ groups: [UInt16]) -> Bool {
        if groups[..<5].allSatisfy({ $0 == 0 }) {
            // An IPv4 address in the clothes of an IPv6 one.
            if groups[5] == 0xFFFF {
                return isPrivate([
                    UInt8(groups[6] >> 8), UInt8(groups[6] & 0xFF), UInt8(groups[7] >> 8), UInt8(groups[7] & 0xFF),
                ])
            }
            return groups[5] == 0 && groups[6] == 0 && groups[7] == 1
        }
        return groups[0] & 0xFFC0 == 0xFE80 || groups[0] & 0xFE00 == 0xFC00
    }

    /// A resolver takes `134744072` and `0x08080808` for addresses, though there is no dot in them.
    private static func isNumber(_ name: Substring) -> Bool {
        !name.contains(".")
            && (name.utf8.allSatisfy { (0x30...0x39).contains($0) } || name.lowercased().hasPrefix("0x"))
    }
}
