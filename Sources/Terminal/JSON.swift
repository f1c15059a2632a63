/// A JSON value that is only ever written.
package enum JSON {
    case integer(Int64)
    case string(String)
    case boolean(Bool)
    case array([JSON])
    /// Members keep their order.
    case object([(String, JSON)])

    /// Counts by name, in the order of the names.
    package static func counts(_ counts: [String: Int64]) -> JSON {
        .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })
    }

    /// The document with two spaces of indentation a level and a line end behind it.
    package var document: String {
        var text = ""
        write(to: &text, indentation: "\n")
        return text + "\n"
    }

    private func write(to text: inout String, indentation: String) {
        switch self {
        case .integer(let number): text += "\(number)"
        case .boolean(let value): text += value ? "true" : "false"
        case .string(let string): Self.write(string, to: &text)
        case .array(let elements):
            Self.write(elements, between: ("[", "]"), to: &text, indentation) { element, text, indentation in
                element.write(to: &text, indentation: indentation)
            }
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &text, indentation) { member, text, indentation in
                Self.write(member.0, to: &text)
                text += ": "
                member.1.write(to: &text, indentation: indentation)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element],
        between brackets: (String, String),
        to text: inout String,
        _ indentation: String,
        _ body: (Element, inout String, String) -> Void
    ) {
        text += brackets.0
        for (index, element) in elements.enumerated() {
            text += (index == 0 ? "" : ",") + indentation + "  "
            body(element, &text, indentation + "  ")
        }
        text += (elements.isEmpty ? "" : indentation) + brackets.1
    }

    /// The string with its quotes.
    package static func quoted(_ string: String) -> String {
        var text = ""
        write(string, to: &text)
        return text
    }

    /// RFC 8259, section 7: quotes, backslashes and control characters are escaped, the rest is UTF-8.
    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
