internal import Files
package import LarderStore

/// A result, without the bytes of streams and files.
package struct CommandResult {
    package var status: Int32
    /// When the tool had ended, by the wall clock, in nanoseconds since 1970.
    package var made: Int64
    /// How long the tool took.
    package var microseconds: Int64
    /// Identifies status, streams and outputs.
    package var outcome: Digest
    /// For each output, how many of the directories above it the tool had to make.
    package var madeParents: [Int] = []
    /// The outputs whose place was a directory before the tool ran: where there is none, it may do something else.
    package var filledDirectories: Set<Int> = []
    package var nodes: [Node]

    package init(status: Int32, made: Int64, microseconds: Int64, outcome: Digest, nodes: [Node]) {
        (self.status, self.made, self.microseconds) = (status, made, microseconds)
        (self.outcome, self.nodes) = (outcome, nodes)
    }

    package struct Node {
        package var node: OutputTree.Node
        /// Where the content of a file is.
        package var content: Content

        package init(node: OutputTree.Node, content: Content = .none) {
            (self.node, self.content) = (node, content)
        }
    }

    package enum Content: Equatable {
        case none
        /// A range of the part `files`.
        case packed(offset: Int, length: Int)
        /// A part of its own, `file-<number>`.
        case part(Int)
    }
}

/// How a result lies in its entry.
///
///     entry   ::= "result" "stdout" "stderr" "files" file*     parts; those but the first only where there is something
///     file    ::= "file-" number                               a long file; the short ones lie in "files" in order
///     result  ::= version:u32 status:u8 made:i64 microseconds:i64 outcome:32 outputs:u32 place:u32* count:u32 node*
///     place   ::= number of directories above that were made; and the highest bit, where it was a directory before
///     node    ::= kind:u8 mode:u16 output:u32 depth:u32 name*  kind - f l d; then by kind
///                 f: packed:u8 a:u64 b:u64                     1: offset and length in "files"; 0: number of its part, 0
///                 l: target
///     name    ::= length:u32 byte*                             target alike
///
/// Integers are little-endian. The entry around it verifies the bytes, and yet no name is believed: each is one
/// component, none is `.` or `..`, and what it lies in has to be a directory that came before. History: 1, the first; 2, the highest bit
/// of a place, written only where one has it.
package enum ResultFormat {
    private static let versions: ClosedRange<UInt32> = 1...2
    private static let filled: UInt32 = 1 << 31
    static let result = "result"
    static let output = "stdout"
    static let error = "stderr"
    static let files = "files"
    static func file(_ number: Int) -> String { "file-\(number)" }

    package static func encode(_ result: CommandResult) -> [UInt8] {
        var out = Writer()
        out.integer(result.filledDirectories.isEmpty ? versions.lowerBound : versions.upperBound)
        out.integer(UInt8(truncatingIfNeeded: result.status))
        out.integer(result.made)
        out.integer(result.microseconds)
        out.digest(result.outcome)
        out.integer(UInt32(truncatingIfNeeded: result.madeParents.count))
        for (index, parents) in result.madeParents.enumerated() {
            out.integer(UInt32(truncatingIfNeeded: parents) | (result.filledDirectories.contains(index) ? filled : 0))
        }
        out.integer(UInt32(truncatingIfNeeded: result.nodes.count))
        for item in result.nodes {
            out.integer(item.node.kind.rawValue)
            out.integer(UInt16(truncatingIfNeeded: item.node.mode))
            out.integer(UInt32(truncatingIfNeeded: item.node.output))
            out.integer(UInt32(truncatingIfNeeded: item.node.names.count))
            for name in item.node.names { out.text(name) }
            switch item.content {
            case .none: if item.node.kind == .link { out.text(item.node.target) }
            case .packed(let offset, let length):
                out.integer(1 as UInt8)
                out.integer(UInt64(offset))
                out.integer(UInt64(length))
            case .part(let number):
                out.integer(0 as UInt8)
                out.integer(UInt64(number))
                out.integer(0 as UInt64)
            }
        }
        return out.bytes
    }

    /// What the command took, as the parts of its result say, in microseconds; 0 where they do not.
    package static func microseconds(in parts: [EntryStore.Part]) -> Int64 {
        guard let part = parts.first(where: { $0.name == result }) else { return 0 }
        var reader = Reader(part.bytes)
        guard let version = reader.integer(UInt32.self), versions.contains(version), reader.integer(UInt8.self) != nil,
            reader.integer(Int64.self) != nil
        else { return 0 }
        return reader.integer(Int64.self) ?? 0
    }

    /// The result in `bytes` for a command with so many outputs, or nil when they are none that we accept.
    package static func decode(_ bytes: [UInt8], outputs: Int) -> CommandResult? {
        var reader = Reader(bytes)
        guard let version = reader.integer(UInt32.self), versions.contains(version),
            let status = reader.integer(UInt8.self),
            let made = reader.integer(Int64.self), let microseconds = reader.integer(Int64.self),
            let outcome = reader.digest(), reader.integer(UInt32.self) == UInt32(exactly: outputs)
        else { return nil }
        var result = CommandResult(
            status: Int32(status),
            made: made,
            microseconds: microseconds,
            outcome: outcome,
            nodes: []
        )
        for index in 0..<outputs {
            guard let place = reader.integer(UInt32.self) else { return nil }
            result.madeParents.append(Int(place & ~filled))
            if place & filled != 0 { result.filledDirectories.insert(index) }
        }
        guard let count = reader.integer(UInt32.self), Int(count) <= bytes.count else { return nil }
        // The directory that we are in, by its names from the output on; none where the output is no directory.
        var (open, current): ([[UInt8]]?, Int) = (nil, -1)
        for _ in 0..<count {
            guard let item = node(&reader) else { return nil }
            let (node, parent) = (item.node, item.node.names.dropLast())
            if node.names.isEmpty {
                guard node.output == current + 1, node.output < outputs else { return nil }
                current = node.output
            } else {
                guard node.output == current, node.kind != .absent, node.names.allSatisfy(isComponent),
                    let open, open.count >= parent.count, open.prefix(parent.count).elementsEqual(parent)
                else { return nil }
            }
            if node.kind == .directory {
                open = node.names
            } else {
                open = node.names.isEmpty ? nil : Array(parent)
            }
            result.nodes.append(item)
        }
        return current == outputs - 1 && reader.isAtEnd ? result : nil
    }

    private static func node(_ reader: inout Reader) -> CommandResult.Node? {
        guard let kind = reader.integer(UInt8.self).flatMap(OutputTree.Node.Kind.init(rawValue:)),
            let mode = reader.integer(UInt16.self), mode & ~0o777 == 0,
            let output = reader.integer(UInt32.self), let depth = reader.integer(UInt32.self), depth <= 4096
        else { return nil }
        var names: [[UInt8]] = []
        for _ in 0..<depth {
            guard let name = reader.text() else { return nil }
            names.append(name)
        }
        var item = CommandResult.Node(
            node: OutputTree.Node(kind: kind, mode: UInt32(mode), output: Int(output), names: names)
        )
        switch kind {
        case .file:
            guard let isPacked = reader.integer(UInt8.self), isPacked <= 1,
                let first = reader.integer(UInt64.self).flatMap(Int.init(exactly:)),
                let second = reader.integer(UInt64.self).flatMap(Int.init(exactly:)),
                !first.addingReportingOverflow(second).overflow
            else { return nil }
            item.content = isPacked == 1 ? .packed(offset: first, length: second) : .part(first)
        case .link:
            guard let target = reader.text(), !target.isEmpty, !target.contains(0) else { return nil }
            item.node.target = target
        case .directory, .absent: break
        }
        return item
    }

    private static func isComponent(_ name: [UInt8]) -> Bool {
        !name.isEmpty && !name.contains(0) && !name.contains(UInt8(ascii: "/")) && !name.elementsEqual(".".utf8)
            && !name.elementsEqual("..".utf8)
    }
}
