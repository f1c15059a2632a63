/// A JSON value as it was read; numbers keep their text.
package enum JSONValue: Sendable {
    case null
    case boolean(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    /// Where a name comes twice, the later member counts.
    case object([String: JSONValue])

    /// The member called `name`, or nil where there is none or this is no object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    /// The text of a string that is not empty.
    package var text: String? {
        guard case .string(let text) = self, !text.isEmpty else { return nil }
        return text
    }

    /// A whole number; nil where it has a fraction or does not fit.
    package var integer: Int64? {
        guard case .number(let text) = self else { return nil }
        return Int64(text)
    }

    /// Also what some answers write instead: `"true"`, `"yes"`.
    package var flag: Bool? {
        switch self {
        case .boolean(let value): value
        case .string("true"), .string("yes"): true
        case .string("false"), .string("no"): false
        default: nil
        }
    }

    package var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    package var members: [String: JSONValue]? {
        guard case .object(let members) = self else { return nil }
        return members
    }
}
