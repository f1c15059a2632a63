/// What two texts differ in, line by line, as `diff -u` writes it.
enum LineDiff {
    private enum Step { case both, old, new }

    /// Lines that are shown around a change.
    private static let context = 3
    /// How many pairs of lines are compared; beyond that the whole middle counts as changed.
    private static let mostPairs = 4_000_000

    /// A diff that `patch -p1` and `git apply` take; nothing where the two are the same.
    ///
    /// Nil is a file that is not there.
    static func unified(name: String, from before: [UInt8]?, to after: [UInt8]?) -> [UInt8] {
        let (old, new) = (lines(before ?? []), lines(after ?? []))
        let steps = steps(old, new)
        guard steps.contains(where: { $0 != .both }) || (before == nil) != (after == nil) else { return [] }
        var text = Array((before == nil ? "--- /dev/null\n" : "--- a/\(name)\n").utf8)
        text += (after == nil ? "+++ /dev/null\n" : "+++ b/\(name)\n").utf8
        for hunk in hunks(steps) { append(hunk, of: steps, old, new, to: &text) }
        return text
    }

    /// The lines that are only in the second text.
    static func added(from before: [UInt8]?, to after: [UInt8]) -> [ArraySlice<UInt8>] {
        let (old, new) = (lines(before ?? []), lines(after))
        var index = 0
        var added: [ArraySlice<UInt8>] = []
        for step in steps(old, new) where step != .old {
            if step == .new { added.append(new[index]) }
            index += 1
        }
        return added
    }

    /// Each with its line end; only the last may lack one.
    private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.count
            lines.append(text[start..<end])
            start = end
        }
        return lines
    }

    private static func steps(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> [Step] {
        var head = 0
        while head < old.count, head < new.count, old[head] == new[head] { head += 1 }
        var tail = 0
        while tail < old.count - head, tail < new.count - head, old[old.count - 1 - tail] == new[new.count - 1 - tail] {
            tail += 1
        }
        let middle = changes(old[head..<(old.count - tail)], new[head..<(new.count - tail)])
        return repeatElement(.both, count: head) + middle + repeatElement(.both, count: tail)
    }

    /// By the longest common subsequence.
    private static func changes(_ old: ArraySlice<ArraySlice<UInt8>>, _ new: ArraySlice<ArraySlice<UInt8>>) -> [Step] {
        let (rows, columns) = (old.count, new.count)
        guard rows > 0, columns > 0, rows * columns <= mostPairs else {
            return Array(repeatElement(.old, count: rows)) + repeatElement(.new, count: columns)
        }
        var length = [Int32](repeating: 0, count: (rows + 1) * (columns + 1))
        for row in stride(from: rows - 1, through: 0, by: -1) {
            for column in stride(from: columns - 1, through: 0, by: -1) {
                let here = row * (columns + 1) + column
                length[here] =
                    old[old.startIndex + row] == new[new.startIndex + column]
                    ? length[here + columns + 2] + 1 : max(length[here + columns + 1], length[here + 1])
            }
        }
        var steps: [Step] = []
        var (row, column) = (0, 0)
        while row < rows || column < columns {
            let here = row * (columns + 1) + column
            if row < rows, column < columns, old[old.startIndex + row] == new[new.startIndex + column] {
                steps.append(.both)
                (row, column) = (row + 1, column + 1)
            } else if column == columns || row < rows && length[here + columns + 1] >= length[here + 1] {
                steps.append(.old)
                row += 1
            } else {
                steps.append(.new)
                column += 1
            }
        }
        return steps
    }

    /// Ranges of steps: changes that are near each other, with what stands around them.
    private static func hunks(_ steps: [Step]) -> [Range<Int>] {
        var hunks: [Range<Int>] = []
        for (index, step) in steps.enumerated() where step != .both {
            let range = max(0, index - context)..<min(steps.count, index + context + 1)
            if let last = hunks.last, last.upperBound >= range.lowerBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        return hunks
    }

    private static func append(
        _ hunk: Range<Int>,
        of steps: [Step],
        _ old: [ArraySlice<UInt8>],
        _ new: [ArraySlice<UInt8>],
        to text: inout [UInt8]
    ) {
        var (oldIndex, newIndex) = (
            steps[..<hunk.lowerBound].count { $0 != .new }, steps[..<hunk.lowerBound].count { $0 != .old }
        )
        let (oldCount, newCount) = (steps[hunk].count { $0 != .new }, steps[hunk].count { $0 != .old })
        // An empty range is named by the line before it.
        let (oldStart, newStart) = (oldIndex + (oldCount == 0 ? 0 : 1), newIndex + (newCount == 0 ? 0 : 1))
        text += "@@ -\(oldStart),\(oldCount) +\(newStart),\(newCount) @@\n".utf8
        for step in steps[hunk] {
            let line = step == .new ? new[newIndex] : old[oldIndex]
            text.append(UInt8(ascii: step == .both ? " " : step == .old ? "-" : "+"))
            text += line
            if line.last != UInt8(ascii: "\n") { text += "\n\\ No newline at end of file\n".utf8 }
            if step != .new { oldIndex += 1 }
            if step != .old { newIndex += 1 }
        }
    }
}
