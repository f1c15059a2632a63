/// A pattern for file names: `*`, `?`, `[a-z]`, `[!a-z]`, and `**` for any number of directories; a backslash takes away
/// what a character means.
///
/// No name is left out because it begins with a dot: one input too many costs a miss one day, one too few a stale result.
package struct FilePattern {
    package enum Component: Equatable {
        /// A name as it stands.
        case name([UInt8])
        /// A name that has to match.
        case pattern([UInt8])
        /// Any number of directories, also none.
        case anyDirectories
    }

    /// What stands before the first component: a slash, or nothing.
    package let root: [UInt8]
    package let components: [Component]

    /// Nil for a text that is no pattern but a path.
    package init?(_ text: [UInt8]) {
        guard text.contains(where: { Self.isSpecial($0) }) else { return nil }
        root = text.first == UInt8(ascii: "/") ? [UInt8(ascii: "/")] : []
        var components: [Component] = []
        for part in text.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual("**".utf8) {
                // Several behind each other are one.
                if components.last != .anyDirectories { components.append(.anyDirectories) }
            } else {
                let isPattern = part.contains { Self.isSpecial($0) }
                components.append(isPattern ? .pattern(Array(part)) : .name(Array(part)))
            }
        }
        self.components = components
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\"): true
        default: false
        }
    }

    /// Whether `pattern`, one component, matches all of `name`.
    package static func matches(_ pattern: [UInt8], _ name: some Collection<UInt8>) -> Bool {
        let name = Array(name)
        var (position, index) = (0, 0)
        // Where to go on when what follows the last star does not fit: one character further.
        var retry: (position: Int, index: Int)?
        while true {
            if index == pattern.count {
                if position == name.count { return true }
            } else if pattern[index] == UInt8(ascii: "*") {
                retry = (position, index + 1)
                index += 1
                continue
            } else if position < name.count, let step = step(pattern, index, name, position) {
                (index, position) = step
                continue
            }
            guard let last = retry, last.position < name.count else { return false }
            let next = last.position + character(name, last.position).length
            retry = (next, last.index)
            (position, index) = (next, last.index)
        }
    }

    /// Takes one character of `name` by what stands at `index`; says where both go on, or nil where it does not fit.
    private static func step(_ pattern: [UInt8], _ index: Int, _ name: [UInt8], _ position: Int) -> (Int, Int)? {
        let (value, length) = character(name, position)
        switch pattern[index] {
        case UInt8(ascii: "?"):
            return (index + 1, position + length)
        case UInt8(ascii: "["):
            if let (end, isIn) = set(pattern, index, value) { return isIn ? (end, position + length) : nil }
        case UInt8(ascii: "\\") where index + 1 < pattern.count:
            return pattern[index + 1] == name[position] ? (index + 2, position + 1) : nil
        default: break
        }
        return pattern[index] == name[position] ? (index + 1, position + 1) : nil
    }

    /// Where the set that opens at `start` ends, and whether `value` is in it; nil where nothing closes it.
    private static func set(_ pattern: [UInt8], _ start: Int, _ value: UInt32) -> (end: Int, isIn: Bool)? {
        var index = start + 1
        var isNegated = false
        if index < pattern.count, pattern[index] == UInt8(ascii: "!") || pattern[index] == UInt8(ascii: "^") {
            isNegated = true
            index += 1
        }
        var isIn = false
        var isFirst = true
        while index < pattern.count, isFirst || pattern[index] != UInt8(ascii: "]") {
            isFirst = false
            let low = element(pattern, &index)
            var high = low
            if index + 1 < pattern.count, pattern[index] == UInt8(ascii: "-"), pattern[index + 1] != UInt8(ascii: "]") {
                index += 1
                high = element(pattern, &index)
            }
            if low <= value, value <= high { isIn = true }
        }
        return index < pattern.count ? (index + 1, isIn != isNegated) : nil
    }

    private static func element(_ pattern: [UInt8], _ index: inout Int) -> UInt32 {
        if pattern[index] == UInt8(ascii: "\\"), index + 1 < pattern.count { index += 1 }
        let (value, length) = character(pattern, index)
        index += length
        return value
    }

    /// One character of UTF-8; a byte that is none stands for itself, apart from all characters.
    private static func character(_ bytes: [UInt8], _ index: Int) -> (value: UInt32, length: Int) {
        let first = bytes[index]
        let alone = (first < 0x80 ? UInt32(first) : 0x11_0000 + UInt32(first), 1)
        let length =
            switch first {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 1
            }
        guard length > 1, index + length <= bytes.count else { return alone }
        var value = UInt32(first) & (0xFF >> UInt32(length + 1))
        for byte in bytes[(index + 1)..<(index + length)] {
            guard byte & 0xC0 == 0x80 else { return alone }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        return (value, length)
    }
}
