internal import Files
internal import LarderStore

/// The misses on record, each with what an explanation asks of the others.
struct MissHistory {
    /// The oldest first.
    let records: [MissRecord]
    /// Numbers of the records with one key, and of the misses about sources of one name.
    private let byKey: [EntryKey: [Int]]
    private let byName: [[UInt8]: [Int]]

    /// So many of the latest misses of a source are compared.
    private static let comparedLimit = 32

    init(of cache: Path) { self.init(MissLog(at: cache).records()) }

    init(_ records: [MissRecord]) {
        self.records = records
        var byKey: [EntryKey: [Int]] = [:]
        var byName: [[UInt8]: [Int]] = [:]
        for (number, record) in records.enumerated() {
            if let key = record.key { byKey[key, default: []].append(number) }
            if record.outcome == .miss { byName[record.group, default: []].append(number) }
        }
        (self.byKey, self.byName) = (byKey, byName)
    }

    /// Numbers of what became of commands, the oldest first: a refusal belongs to the miss before it.
    var commands: [Int] { records.indices.filter { records[$0].outcome == .miss || records[$0].outcome == .bypass } }

    /// The number of the latest command about `file`, which is a source or an output: of that very path, or where none is
    /// on record of the one of that name.
    func latest(about file: Path) -> Int? {
        let name = file.name
        var named: Int?
        for index in commands.reversed() {
            let record = records[index]
            for path in [record.source, record.output] where !path.isEmpty {
                let path = record.path(path)
                if path == file { return index }
                if named == nil, path.name == name { named = index }
            }
        }
        return named
    }

    /// Why the result of the miss with this number was not kept; nil where it was, or nothing is known.
    func refusal(of index: Int) -> MissRecord? {
        guard records[index].outcome == .miss, let key = records[index].key,
            let later = byKey[key]?.first(where: { $0 > index })
        else { return nil }
        return records[later].outcome == .refusal ? records[later] : nil
    }

    /// How the result of the miss with this number was different from the one that was there; nil where it was not.
    func difference(of index: Int) -> MissRecord? {
        guard records[index].outcome == .miss, let key = records[index].key,
            let later = byKey[key]?.first(where: { $0 > index })
        else { return nil }
        return records[later].outcome == .difference ? records[later] : nil
    }

    /// The number of the latest miss before this one that has the same key.
    func earlier(than index: Int) -> Int? {
        guard let key = records[index].key else { return nil }
        return byKey[key]?.last { $0 < index && records[$0].outcome == .miss }
    }

    /// The earlier miss whose command is most like that of this one: of the same source or output, and with the fewest
    /// differences; among equals the latest.
    func nearest(to index: Int) -> (record: MissRecord, difference: KeyDifference)? {
        let record = records[index]
        let source = record.path(record.source)
        let output = record.output.isEmpty ? nil : record.path(record.output)
        var best: (record: MissRecord, difference: KeyDifference, distance: Int)?
        let earlier = (byName[record.group] ?? []).prefix { $0 < index }
        for other in earlier.suffix(Self.comparedLimit).reversed().map({ records[$0] })
        where other.key != record.key && other.use == record.use {
            let difference = KeyDifference(from: other, to: record)
            // Another place is farther than any other word.
            let isHere =
                other.path(other.source) == source
                || output != nil && !other.output.isEmpty && other.path(other.output) == output
            let distance = difference.count + (isHere ? 0 : 1000)
            if distance < best?.distance ?? .max { best = (other, difference, distance) }
        }
        return best.map { ($0.record, $0.difference) }
    }
}

extension MissRecord {
    /// A path of the command's, made absolute.
    func path(_ text: [UInt8]) -> Path { Self.path(text, in: Path(bytes: directory)) }

    /// The absolute path of `text`, without `.` and `..`, as far as the text alone tells.
    static func path(_ text: [UInt8], in directory: Path) -> Path {
        var parts: [ArraySlice<UInt8>] = []
        for part in Path(bytes: text).resolved(in: directory).bytes.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual("..".utf8) {
                _ = parts.popLast()
            } else if !part.elementsEqual(".".utf8) {
                parts.append(part)
            }
        }
        return Path(bytes: parts.reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 })
    }

    /// What is compared: misses about sources of one name.
    ///
    /// What is named for its output, as a link is, may have had another.
    var group: [UInt8] { source == output ? [] : Path(bytes: source).name.map { $0 } }

    /// What the key is for: keys of different uses have nothing to compare, but for their versions.
    var use: [UInt8] {
        let domain = ingredients.first { $0.label == "domain" }?.value ?? []
        guard let hyphen = domain.lastIndex(of: UInt8(ascii: "-")) else { return domain }
        return Array(domain[..<hyphen])
    }
}
