/// How much of the disk the entries of a namespace may take.
///
///     sizes ::= item (blank item)*
///     item  ::= name "=" size           the size as in ``SizeLimit``; the name "*" stands for all others
package struct NamespaceSizes: Hashable, Sendable, CustomStringConvertible {
    private var items: [(name: [UInt8], size: SizeLimit)] = []
    private var others: SizeLimit?

    /// What ``init(parsing:)`` takes, for messages.
    package static let accepted = "names and sizes such as ci=2GiB *=500M, with blanks between them"

    /// No namespace has a limit.
    package init() {}

    package init?(parsing text: ArraySlice<UInt8>) {
        guard let words = Settings.words(text) else { return nil }
        for word in words {
            guard let end = word.lastIndex(of: UInt8(ascii: "=")), end > 0,
                let size = SizeLimit(parsing: word[(end + 1)...])
            else { return nil }
            let name = Array(word[..<end])
            if name == Self.anyName { others = size } else { items.append((name, size)) }
        }
    }

    private static let anyName = [UInt8(ascii: "*")]

    /// True where no namespace has a limit.
    package var isEmpty: Bool { items.isEmpty && others == nil }

    /// The limit of the namespace `name`; nil where it has none, as what belongs to no namespace.
    func limit(of name: [UInt8]) -> SizeLimit? {
        if name.isEmpty { return nil }
        // As with settings, the later one counts.
        return items.last { $0.name == name }?.size ?? others
    }

    package var description: String {
        var words = items.map { "\(String(decoding: $0.name, as: UTF8.self))=\($0.size)" }
        if let others { words.append("*=\(others)") }
        return words.joined(separator: " ")
    }

    package static func == (one: NamespaceSizes, other: NamespaceSizes) -> Bool {
        one.others == other.others && one.items.elementsEqual(other.items) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(others)
        for item in items {
            hasher.combine(item.name)
            hasher.combine(item.size)
        }
    }
}
