/// The table that pdffonts writes.
///
///     name                                 type              encoding         emb sub uni object ID
///     ------------------------------------ ----------------- ---------------- --- --- --- ---------
///     ABCDEF+NimbusSans                    CID Type 0C       Identity-H       yes yes no       3  0
///
/// A long name moves what is behind it to the right, so a line is read from its end.
package enum FontTable {
    /// Types with blanks in them first come as the longest.
    private static let types = [
        "CID Type 0C (OT)", "CID TrueType (OT)", "CID Type 0C", "CID Type 0", "CID TrueType", "Type 1C (OT)",
        "TrueType (OT)", "Type 1C", "Type 1", "Type 3", "TrueType", "unknown",
    ]

    /// The fonts as elements of a JSON array, divided by commas.
    package static func elements(_ table: [UInt8]) -> [UInt8] {
        let lines = table.split(separator: 0x0A)
        let fonts = lines.drop { !$0.starts(with: "---".utf8) }.dropFirst().compactMap { font($0) }
        return Array(fonts.joined(separator: Array(",\n    ".utf8)))
    }

    private static func font(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        var words = String(decoding: line, as: UTF8.self).split(separator: " ")[...]
        // "3 0" or "[none]".
        if words.last == "[none]" { words = words.dropLast() } else { words = words.dropLast(2) }
        var answers: [String] = []
        for _ in 0..<3 {
            guard let word = words.popLast(), word == "yes" || word == "no" else { return nil }
            answers.append(word == "yes" ? "true" : "false")
        }
        guard let encoding = words.popLast() else { return nil }
        let rest = words.joined(separator: " ")
        guard let type = types.first(where: { rest.hasSuffix($0) }) else { return nil }
        var name = rest.dropLast(type.count)
        while name.last == " " { name = name.dropLast() }
        let members = [
            JSONText.member("name", name.isEmpty || name == "[none]" ? Array("null".utf8) : JSONText.string(name.utf8)),
            JSONText.member("type", JSONText.string(type)),
            JSONText.member("encoding", JSONText.string(encoding.utf8)),
            JSONText.member("embedded", answers[2]), JSONText.member("subset", answers[1]),
            JSONText.member("unicode", answers[0]),
        ]
        return Array("{".utf8) + Array(members.joined(separator: Array(", ".utf8))) + Array("}".utf8)
    }
}
