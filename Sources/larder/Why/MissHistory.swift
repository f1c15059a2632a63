internal import Files
internal import LarderStore

/// The misses on record, each with what an explanation asks of the others.
struct MissHistory {
    /// The oldest first.
    let records: [MissRecord]

    init(of cache: Path) { records = MissLog(at: cache).records() }

    init(_ records: [MissRecord]) { self.records = records }

    /// Numbers of what became of commands, the oldest first: a refusal belongs to the miss before it.
    var commands: [Int] { records.indices.filter { records[$0].outcome != .refusal } }

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
        guard records[index].outcome == .miss, let key = records[index].key else { return nil }
        for later in records[(index + 1)...] where later.key == key {
            return later.outcome == .refusal ? later : nil
        }
        return nil
    }

    /// The number of the latest miss before this one that has the same key.
    func earlier(than index: Int) -> Int? {
        guard let key = records[index].key else { return nil }
        return records[..<index].lastIndex { $0.outcome == .miss && $0.key == key }
    }

    /// The earlier miss whose command is most like that of this one: of the same source or output, and with the fewest
    /// differences; among equals the latest.
    func nearest(to index: Int) -> (record: MissRecord, difference: KeyDifference)? {
        let record = records[index]
        let source = record.path(record.source)
        let output = record.output.isEmpty ? nil : record.path(record.output)
        var best: (record: MissRecord, difference: KeyDifference, distance: Int)?
        for other in records[..<index].reversed()
        where other.outcome == .miss && other.key != record.key && other.use == record.use {
            let place = other.path(other.source)
            // What is named for its output, as a link is, may have had another one.
            guard place.name == source.name || record.source == record.output && other.source == other.output else {
                continue
            }
            let difference = KeyDifference(from: other, to: record)
            // Another place is farther than any other word.
            let isHere = place == source || output != nil && !other.output.isEmpty && other.path(other.output) == output
            let distance = difference.count + (isHere ? 0 : 1000)
            if distance < best?.distance ?? .max { best = (other, difference, distance) }
        }
        return best.map { ($0.record, $0.difference) }
    }
}

extension MissRecord {
    /// A path of the command's, made absolute.
    func path(_ text: [UInt8]) -> Path { Path(bytes: text).resolved(in: Path(bytes: directory)) }

    /// What the key is for: keys of different uses have nothing to compare, but for their versions.
    var use: [UInt8] {
        let domain = ingredients.first { $0.label == "domain" }?.value ?? []
        guard let hyphen = domain.lastIndex(of: UInt8(ascii: "-")) else { return domain }
        return Array(domain[..<hyphen])
    }
}
