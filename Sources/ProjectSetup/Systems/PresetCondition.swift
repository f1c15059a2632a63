internal import LarderStore

/// Whether a preset can be used on this machine, as far as that can be told without CMake.
enum PresetCondition {
    /// Nil where only CMake knows: a regular expression, or a variable other than the name of the system.
    static func holds(_ condition: JSONValue) -> Bool? {
        switch condition["type"]?.text ?? "" {
        case "const": condition["value"]?.flag
        case "equals": equal(condition["lhs"], condition["rhs"])
        case "notEquals": equal(condition["lhs"], condition["rhs"]).map { !$0 }
        case "inList": isIn(condition)
        case "notInList": isIn(condition).map { !$0 }
        case "not": condition["condition"].flatMap(holds).map { !$0 }
        case "allOf": all((condition["conditions"]?.elements ?? []).map(holds))
        case "anyOf": all((condition["conditions"]?.elements ?? []).map { holds($0).map { !$0 } }).map { !$0 }
        default: nil
        }
    }

    private static func isIn(_ condition: JSONValue) -> Bool? {
        all((condition["list"]?.elements ?? []).map { equal(condition["string"], $0).map { !$0 } }).map { !$0 }
    }

    private static func all(_ values: [Bool?]) -> Bool? {
        if values.contains(false) { return false }
        return values.contains(nil) ? nil : true
    }

    private static func equal(_ left: JSONValue?, _ right: JSONValue?) -> Bool? {
        guard case .string(let left)? = left, case .string(let right)? = right else { return nil }
        func expanded(_ text: String) -> String? {
            if text == "${hostSystemName}" { return "Linux" }
            return text.utf8.contains(UInt8(ascii: "$")) ? nil : text
        }
        guard let left = expanded(left), let right = expanded(right) else { return nil }
        return left == right
    }
}
