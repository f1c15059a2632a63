internal import Files

/// What lies at an output's path: a file, a link, or a directory with all that is in it.
package struct OutputTree {
    package struct Node: Equatable {
        package enum Kind: UInt8 {
            case absent = 0x2D  // -
            case file = 0x66  // f
            case link = 0x6C  // l
            case directory = 0x64  // d
        }

        package var kind: Kind
        /// Permissions; of a link 0.
        package var mode: UInt32
        /// Which of the outputs it belongs to.
        package var output: Int
        /// Its names from the output's path on; none for the output itself.
        package var names: [[UInt8]]
        /// Where a link points.
        package var target: [UInt8]
        /// What it was when it was looked at; nil for what is not there.
        var identity: FileIdentity?
        /// How many names the file has.
        var links = 1

        package init(kind: Kind, mode: UInt32, output: Int, names: [[UInt8]], target: [UInt8] = []) {
            (self.kind, self.mode, self.output, self.names) = (kind, mode, output, names)
            self.target = target
        }
    }

    /// Each directory before what is in it, names in the order of their bytes.
    private(set) var nodes: [Node] = []

    static let limit = 100_000

    /// Looks at all `outputs`; what is neither file, link nor directory, or cannot be looked at, is refused.
    init(of outputs: [Path]) throws(Refusal) {
        for (index, path) in outputs.enumerated() { try visit(path, index, []) }
    }

    private mutating func visit(_ path: Path, _ output: Int, _ names: [[UInt8]]) throws(Refusal) {
        guard nodes.count < Self.limit else { throw .outputTooLarge }
        guard let status = FileStatus.ofLink(path) else {
            nodes.append(Node(kind: .absent, mode: 0, output: output, names: names))
            return
        }
        var node = Node(kind: .file, mode: status.mode & 0o7777, output: output, names: names)
        (node.identity, node.links) = (status.identity, status.links)
        switch status.kind {
        case .regular:
            // A program that runs as somebody else is nobody's result.
            guard node.mode & 0o7000 == 0 else { throw .outputSpecial }
            nodes.append(node)
        case .symbolicLink:
            guard let target = Directory.target(ofLink: path) else { throw .outputChanged }
            (node.kind, node.mode, node.target) = (.link, 0, Array(target.bytes))
            nodes.append(node)
        case .directory:
            guard node.mode & 0o5000 == 0 else { throw .outputSpecial }
            // A directory inherits the group bit from where it is.
            (node.kind, node.mode) = (.directory, node.mode & 0o777)
            nodes.append(node)
            var children: [[UInt8]]
            do throws(SystemError) {
                children = try Directory.names(in: path).map { Array($0) }
            } catch {
                throw .outputSpecial
            }
            children.sort { $0.lexicographicallyPrecedes($1) }
            for child in children { try visit(path.appending(bytes: child), output, names + [child]) }
        case .other:
            throw .outputSpecial
        }
    }

    /// Whether the tool has made everything that is here, `before` being what was here when it was started.
    ///
    /// What it left as it was may be a part of the result or may be somebody else's, which only the tool knows.
    func isMadeAnew(since before: OutputTree) -> Bool {
        var old: [NodeName: FileIdentity] = [:]
        for node in before.nodes { old[NodeName(node)] = node.identity }
        for (index, node) in nodes.enumerated() {
            if node.kind == .directory {
                let next = index + 1 < nodes.count ? nodes[index + 1] : nil
                let isEmpty = next.map { $0.output != node.output || $0.names.count <= node.names.count } ?? true
                guard isEmpty else { continue }
            }
            if let identity = node.identity, old[NodeName(node)] == identity { return false }
        }
        return true
    }

    /// The outputs that are directories, and were the same ones in `before`.
    func directories(alsoIn before: OutputTree) -> Set<Int> {
        var old: [Int: FileIdentity] = [:]
        for node in before.nodes where node.names.isEmpty && node.kind == .directory {
            old[node.output] = node.identity
        }
        let same = nodes.filter { node in
            guard node.names.isEmpty, let earlier = old[node.output], let identity = node.identity else { return false }
            return earlier.inode == identity.inode && earlier.device == identity.device
        }
        return Set(same.map(\.output))
    }

    /// Whether the permissions of every file were chosen by this run: a file that was written in place has kept what it had.
    func hasOwnModes(since before: OutputTree, mask: UInt32) -> Bool {
        var old: [NodeName: FileIdentity] = [:]
        for node in before.nodes { old[NodeName(node)] = node.identity }
        for node in nodes where node.kind == .file || node.kind == .directory {
            guard let earlier = old[NodeName(node)], let identity = node.identity, earlier.inode == identity.inode,
                earlier.device == identity.device
            else { continue }
            let isUsual = node.mode == 0o777 & ~mask || (node.kind == .file && node.mode == 0o666 & ~mask)
            guard isUsual else { return false }
        }
        return true
    }

    /// Whether a result that consists of `result` may take the place of what is here, which the tool would then have done
    /// just so: nothing else is here, nothing is reached under another name, and what is here may be written.
    ///
    /// - Parameter replaced: the numbers of outputs that are new files, whatever non-empty file is in their place.
    func canGiveWay(to result: [Node], at outputs: [Path], replaced: Set<Int> = []) -> Bool {
        var new: [NodeName: Node] = [:]
        for node in result { new[NodeName(node)] = node }
        for node in nodes where node.kind != .absent {
            if replaced.contains(node.output), node.kind == .file, node.names.isEmpty, node.identity?.size ?? 0 > 0 {
                continue
            }
            guard let next = new[NodeName(node)], next.kind == node.kind, next.mode == node.mode,
                node.kind != .file || node.links == 1
            else { return false }
            if node.kind != .link, node.names.isEmpty, !Directory.isWritable(outputs[node.output]) { return false }
        }
        return true
    }

    private struct NodeName: Hashable {
        let output: Int
        let names: [[UInt8]]
        init(_ node: Node) { (output, names) = (node.output, node.names) }
    }
}
