internal import Files

/// A record as a line of text.
///
///     line  ::= "1" TAB time TAB outcome TAB cause TAB key TAB session TAB text TAB text TAB text TAB text TAB text
///               *(TAB label "=" text) LF
///
/// The five texts are subject, directory, program, source and output. `time` has decimal digits, the key 64 hexadecimal
/// ones, or is `-`; session and a text may be empty. In a text `%` and two hexadecimal digits stand for a byte below 0x21, for 0x7F and for `%`.
/// What does not read as such a line is skipped. Parts of the key behind the limit of a line are left out. Version history: 1, the first.
package enum MissLine {
    /// One write of this length comes into the file in one piece on local file systems.
    package static let maximumLength = 1 << 16
    private static let version = UInt8(ascii: "1")
    private static let tab = UInt8(ascii: "\t")

    package static func encode(_ record: MissRecord) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(4096)
        line.append(version)
        func add(_ text: some Sequence<UInt8>) {
            line.append(tab)
            line += text
        }
        add(String(max(record.time, 0)).utf8)
        add(record.outcome.rawValue.utf8)
        add(escaped(Array(record.cause.utf8)))
        add((record.key.map(\.description) ?? "-").utf8)
        add(escaped(Array((record.session ?? "").utf8)))
        for text in [record.subject, record.directory, record.program, record.source, record.output] {
            add(escaped(text.prefix(4096)))
        }
        for ingredient in record.ingredients {
            let field = Array(ingredient.label.utf8) + [UInt8(ascii: "=")] + escaped(ingredient.value[...])
            guard line.count + field.count + 2 < maximumLength else { break }
            add(field)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// The record of a line without its LF; nil when it is not one.
    package static func decode(_ line: ArraySlice<UInt8>) -> MissRecord? {
        guard line.first == version, line.count < maximumLength else { return nil }
        let fields = line.split(separator: tab, omittingEmptySubsequences: false)
        guard fields.count >= 11, fields[0].count == 1, let time = Int64(text(fields[1])), time >= 0,
            let outcome = MissRecord.Outcome(rawValue: text(fields[2]))
        else { return nil }
        var record = MissRecord(outcome, cause: String(decoding: plain(fields[3]), as: UTF8.self))
        record.time = time
        if !fields[4].elementsEqual("-".utf8) {
            guard let digest = Digest(hexBytes: fields[4]) else { return nil }
            record.key = EntryKey(digest: digest)
        }
        if !fields[5].isEmpty { record.session = String(decoding: plain(fields[5]), as: UTF8.self) }
        record.subject = plain(fields[6])
        record.directory = plain(fields[7])
        record.program = plain(fields[8])
        record.source = plain(fields[9])
        record.output = plain(fields[10])
        for field in fields[11...] {
            guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            record.ingredients.append(.init(label: text(field[..<equals]), value: plain(field[(equals + 1)...])))
        }
        return record
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String { String(decoding: field, as: UTF8.self) }

    private static func escaped(_ text: some Collection<UInt8>) -> [UInt8] {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.count)
        for byte in text {
            if byte < 0x21 || byte == 0x7F || byte == UInt8(ascii: "%") {
                escaped.append(UInt8(ascii: "%"))
                escaped.append(digit(byte >> 4))
                escaped.append(digit(byte & 15))
            } else {
                escaped.append(byte)
            }
        }
        return escaped
    }

    private static func digit(_ number: UInt8) -> UInt8 {
        number < 10 ? UInt8(ascii: "0") + number : UInt8(ascii: "A") + number - 10
    }

    private static func plain(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let byte = UInt8(String(decoding: text[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                plain.append(byte)
                index += 3
            } else {
                plain.append(text[index])
                index += 1
            }
        }
        return plain
    }
}
