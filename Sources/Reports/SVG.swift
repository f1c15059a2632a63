/// Pieces of SVG, as text.
enum SVG {
    /// A picture that is as wide as its place; units are those of `width` and `height`.
    static func picture(width: Int, height: Int, label: String, _ content: String) -> String {
        "<svg viewBox=\"0 0 \(width) \(height)\" role=\"img\" aria-label=\"\(HTML.escaped(label))\">\(content)</svg>\n"
    }

    static func rectangle(
        _ x: Double,
        _ y: Double,
        _ width: Double,
        _ height: Double,
        kind: String,
        title: String = ""
    ) -> String {
        let head =
            "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" class=\"\(kind)\""
        return title.isEmpty ? head + "/>" : head + "><title>\(HTML.escaped(title))</title></rect>"
    }

    static func text(_ x: Double, _ y: Double, _ text: String, anchor: String = "start") -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(HTML.escaped(text))</text>"
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
        "<path d=\"M\(number(x1)) \(number(y1))L\(number(x2)) \(number(y2))\" class=\"axis\"/>"
    }

    static func curve(_ points: [(x: Double, y: Double)], kind: String) -> String {
        let path = points.enumerated().map { index, point in
            (index == 0 ? "M" : "L") + "\(number(point.x)) \(number(point.y))"
        }
        return "<path d=\"\(path.joined())\" class=\"\(kind)\"/>"
    }

    /// With one digit behind the point at most: a tenth of a unit is not seen.
    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let size = abs(tenths)
        return size % 10 == 0 ? "\(sign)\(size / 10)" : "\(sign)\(size / 10).\(size % 10)"
    }
}

/// Text between tags.
enum HTML {
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case _ where scalar.value < 0x20 && scalar != "\n": escaped += "?"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A table whose columns in `right` are set to the right.
    static func table(head: [String], _ rows: [[String]], right: Set<Int> = []) -> String {
        func cell(_ tag: String, _ index: Int, _ text: String) -> String {
            "<\(tag)\(right.contains(index) ? " class=\"number\"" : "")>\(escaped(text))</\(tag)>"
        }
        func line(_ tag: String, _ cells: [String]) -> String {
            "<tr>" + cells.enumerated().map { cell(tag, $0.offset, $0.element) }.joined() + "</tr>\n"
        }
        return
            "<table>\n<thead>\(line("th", head))</thead>\n<tbody>\(rows.map { line("td", $0) }.joined())</tbody>\n</table>\n"
    }
}
