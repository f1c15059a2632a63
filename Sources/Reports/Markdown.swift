/// Tables as GitHub and GitLab show them.
package enum Markdown {
    /// Two columns; what stands in a row beyond that is behind the second one's text.
    package static func table(_ rows: [[String]]) -> String {
        "| | |\n|---|---|\n"
            + rows.map { row in
                let words = row.map { escaped($0.drop { $0 == " " }) }
                return "| \(words.first ?? "") | \(words.dropFirst().joined(separator: ", ")) |\n"
            }.joined()
    }

    /// A table with a head.
    package static func table(head: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        return line(head) + line(head.map { _ in "---" }) + rows.map { line($0.map { escaped($0[...]) }) }.joined()
    }

    private static func escaped(_ text: Substring) -> String {
        String(text).replacing("\\", with: "\\\\").replacing("|", with: "\\|").replacing("<", with: "&lt;")
    }
}
