internal import Files
package import LarderStore

/// Results of one build in one file, for a machine that no server connects with this one.
///
///     file   ::= pack+
///     pack   ::= "LARDERPK" version:u8 record* end
///     record ::= count:u32 length:u64 (manifest:32 result:32)* value
///     end    ::= 00000000 number of results:u64
///
/// Integers are little-endian. The value is a ``PortableValue`` of `length` bytes: the manifest and the result of each pair, in
/// turn. Where a pair names one key twice nothing leads to its result, which is a command's, and an entry of kind 0 with no parts
/// has the manifest's place. Manifests of one build name the same headers, so many are compressed together. Each value is signed by itself; a pack
/// that was cut gives what is whole.
///
/// Version history: 1, the first.
package struct Pack: ~Copyable {
    package static let version: UInt8 = 1
    private static let start = Array("LARDERPK".utf8) + [version]
    private static let headLength = 12
    /// The longest value that is read, in bytes, compressed or not.
    private static let longest = 288 << 20
    /// A value gets no further entries when it is as long as that.
    private static let usualLength = 16 << 20
    private static let pairLimit = 100_000

    /// A manifest and one of its results.
    package struct Pair: Hashable, Sendable {
        package var manifest: EntryKey
        package var result: EntryKey

        package init(manifest: EntryKey, result: EntryKey) { (self.manifest, self.result) = (manifest, result) }
    }

    /// What was written or read.
    package struct Counts: Sendable {
        /// Results that went into the file, or from there into the cache.
        package var results = 0
        /// Those that were there already: in the base pack, or in the cache.
        package var known = 0
        /// Those that are not in the cache any more, or not for other machines.
        package var missing = 0
        /// Why values were not used, by ``PortableValue/Defect``; `not_stored` where the cache took nothing.
        package var rejected: [String: Int64] = [:]
        /// The bytes of the file.
        package var bytes: Int64 = 0
        /// True where a pack ended before its end, or something else stands behind it.
        package var isCut = false
    }

    // MARK: - Writing

    /// Writes the results `pairs` of `store`, and the manifests that lead to them, into a file at `path` of mode 0600.
    ///
    /// The file is replaced when all is written. What stands in `base` is left out.
    package static func write(
        _ pairs: [Pair],
        of store: EntryStore,
        to path: Path,
        without base: Set<Pair>,
        signer: Signer?
    ) throws(SystemError) -> Counts {
        let exchange = Exchange(for: store)
        let file = try TemporaryEntry(beside: path)
        var (counts, seen) = (Counts(), Set<Pair>())
        var chunk = Chunk()
        try file.file.write(start)
        for pair in pairs where seen.insert(pair).inserted {
            // Whoever holds signals back has no part of a file left when one comes.
            guard !Interruption.isWaiting else { throw SystemError.interrupted }
            if base.contains(pair) {
                counts.known += 1
            } else if let found = exchange.entries(pair.manifest, pair.result), found.result.size < 256 << 20 {
                let isAlone = pair.manifest == pair.result
                chunk.add(pair, [isAlone ? Self.noManifest(pair.result) : found.manifest, found.result])
                if chunk.length > usualLength { try file.file.write(chunk.record(by: signer, &counts)) }
            } else {
                counts.missing += 1
            }
        }
        try file.file.write(chunk.record(by: signer, &counts) + head(0, UInt64(counts.results)))
        counts.bytes = Int64(try file.file.status().size)
        try file.replace()
        return counts
    }

    /// What becomes one record.
    private struct Chunk {
        var pairs: [Pair] = []
        var entries: [PortableEntry] = []
        /// Of all entries together, in bytes.
        var length = 0

        mutating func add(_ pair: Pair, _ both: [PortableEntry]) {
            pairs.append(pair)
            entries += both
            length += both.reduce(0) { $0 + $1.size }
        }

        /// The record, after which there is nothing in the chunk; no bytes where there was nothing.
        mutating func record(by signer: Signer?, _ counts: inout Counts) -> [UInt8] {
            defer { self = Chunk() }
            guard !pairs.isEmpty, let value = PortableValue(entries).encoded(by: signer, level: 9) else { return [] }
            counts.results += pairs.count
            let keys = pairs.flatMap { $0.manifest.digest.bytes + $0.result.digest.bytes }
            return Pack.head(UInt32(pairs.count), UInt64(value.count)) + keys + value
        }
    }

    private static func head(_ count: UInt32, _ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: count.littleEndian) { Array($0) } + withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    // MARK: - Reading

    private let file: Descriptor
    private let length: Int
    private var offset: Int
    private var results: UInt64 = 0
    private var hasEnded = false

    /// Opens the pack at `path`; nil where the file is none, or one of another version.
    package init?(at path: Path) throws(SystemError) {
        let opened = try Descriptor(reading: path)
        let size = try opened.status().size
        let start = try opened.bytes(at: 0, count: Self.start.count)
        guard start == Self.start else { return nil }
        file = opened
        (length, offset) = (max(size, start.count), start.count)
    }

    /// The next record: its pairs, and where its value stands; nil at the end, and where the file was cut.
    private mutating func next() throws(SystemError) -> (pairs: [Pair], value: Range<Int>)? {
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        var (count, valueLength) = (0, 0 as UInt64)
        repeat {
            guard !hasEnded, length - offset >= Self.headLength else { return nil }
            let head = try file.bytes(at: offset, count: Self.headLength)
            guard head.count == Self.headLength else { return nil }
            (count, valueLength) = (Int(number(head[..<4])), number(head[4...]))
            if count == 0 {
                guard valueLength == results else { return nil }
                // Another pack may stand behind the end of this one.
                let behind = offset + Self.headLength
                let start = try file.bytes(at: behind, count: Self.start.count)
                hasEnded = start.isEmpty
                guard start == Self.start else { return nil }
                (offset, results) = (behind + start.count, 0)
            }
        } while count == 0
        let (start, keys) = (offset + Self.headLength, count * 64)
        guard count <= Self.pairLimit, valueLength <= Self.longest, length - start >= keys + Int(valueLength) else {
            return nil
        }
        let bytes = try file.bytes(at: start, count: keys)
        // Before room is made for a value that is none.
        let mark = try file.bytes(at: start + keys, count: PortableValue.magic.count)
        guard bytes.count == keys, mark == PortableValue.magic else { return nil }
        let digests = stride(from: 0, to: keys, by: 32).compactMap { Digest(bytes: bytes[$0..<$0 + 32]) }
        let pairs = stride(from: 0, to: digests.count - 1, by: 2).map { index in
            Pair(manifest: EntryKey(digest: digests[index]), result: EntryKey(digest: digests[index + 1]))
        }
        offset = start + keys + Int(valueLength)
        results += UInt64(count)
        return (pairs, start + keys..<offset)
    }

    /// What stands in the pack; reads no value.
    package mutating func pairs() throws(SystemError) -> Set<Pair> {
        var pairs: Set<Pair> = []
        while let record = try next() { pairs.formUnion(record.pairs) }
        return pairs
    }

    /// Takes every result into `store` that is not there.
    ///
    /// - Parameters:
    ///   - trusted: the public keys of those who are believed; empty for everybody.
    ///   - progress: hears how many of the file's bytes have been looked at.
    package mutating func read(
        into store: EntryStore,
        trusted: [[UInt8]],
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(SystemError) -> Counts {
        let exchange = Exchange(for: store)
        var counts = Counts()
        counts.bytes = Int64(length)
        while let (pairs, place) = try next() {
            progress(place.lowerBound, length)
            let wanted = Set(pairs.filter { !exchange.has($0.manifest, $0.result) })
            counts.known += pairs.count - wanted.count
            guard !wanted.isEmpty, let first = pairs.first else { continue }
            let bytes = try file.bytes(at: place.lowerBound, count: place.count)
            do throws(PortableValue.Defect) {
                let value = try PortableValue(
                    decoding: bytes,
                    of: first.manifest,
                    trusted: trusted,
                    limit: Self.longest,
                    upTo: pairs.count * 2
                )
                // What stands beside the value is not signed: the entries say themselves what they are.
                guard value.entries.count == pairs.count * 2 else { throw .damaged }
                for (index, pair) in pairs.enumerated() where wanted.contains(pair) {
                    let both = Array(value.entries[index * 2...index * 2 + 1])
                    guard let both = Self.value(of: pair, both) else {
                        counts.rejected[PortableValue.Defect.damaged.rawValue, default: 0] += 1
                        continue
                    }
                    switch exchange.keep(both, pair.manifest) {
                    case .kept(let results) where results.contains(pair.result): counts.results += 1
                    case .kept, .useless: counts.rejected[PortableValue.Defect.damaged.rawValue, default: 0] += 1
                    case .failed: counts.rejected["not_stored", default: 0] += 1
                    }
                }
            } catch {
                counts.rejected[error.rawValue, default: 0] += Int64(wanted.count)
            }
        }
        counts.isCut = !hasEnded
        return counts
    }

    /// What stands in a manifest's place where there is none.
    private static func noManifest(_ key: EntryKey) -> PortableEntry { PortableEntry(key: key, kind: 0, parts: []) }

    /// The two entries of `pair` as they are kept; nil where they are others.
    private static func value(of pair: Pair, _ entries: [PortableEntry]) -> PortableValue? {
        guard entries[0].key == pair.manifest, entries[1].key == pair.result else { return nil }
        if pair.manifest != pair.result {
            return PortableEntry.isResult(entries[0].kind) ? nil : PortableValue(entries)
        }
        let isAlone = entries[0].kind == 0 && entries[1].kind == EntryKind.commandResult.rawValue
        return isAlone ? PortableValue([entries[1]]) : nil
    }
}
