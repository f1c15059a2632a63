package import LarderStore

/// The results of commands among those of a file.
extension SoughtFile {
    /// The entry of `key`, where it is the result of a command that holds the file, or what leads to results of a traced
    /// command that has read it.
    ///
    /// What a command was told to read with `--input` stands in no entry, only in keys.
    package func commandResults(in entry: borrowing OpenEntry, under key: EntryKey) -> [EntryKey] {
        let isOwn: Bool
        switch EntryKind(rawValue: entry.kind) {
        case .traces:
            let sets = (try? entry.bytes(0)).flatMap { TraceSets(decoding: $0) }?.sets ?? []
            isOwn = sets.contains { $0.contains { $0.kind == .content && isNamed($0.name) } }
        case .commandResult:
            isOwn = isOutput(of: entry)
        default:
            isOwn = false
        }
        return isOwn ? [key] : []
    }

    private func isOutput(of entry: borrowing OpenEntry) -> Bool {
        for (index, name) in entry.partNames.enumerated() where name.hasPrefix("file-") {
            if isPart(index, of: entry) { return true }
        }
        guard let index = entry.index(of: ResultFormat.files), let head = entry.index(of: ResultFormat.result),
            let result = (try? entry.bytes(head)).flatMap({ ResultFormat.decode(anyOutputs: $0) }),
            let packed = try? entry.bytes(index)
        else { return false }
        return result.nodes.contains { item in
            guard case .packed(let offset, let length) = item.content, offset >= 0, length >= 0,
                offset <= packed.count, length <= packed.count - offset
            else { return false }
            return isEqual(to: packed[offset..<(offset + length)])
        }
    }
}

extension ResultFormat {
    /// As ``decode(_:outputs:)``, for whoever does not know the command: the number of outputs is the one in `bytes`.
    fileprivate static func decode(anyOutputs bytes: [UInt8]) -> CommandResult? {
        // version:u32 status:u8 made:i64 microseconds:i64 outcome:32 outputs:u32
        let offset = 4 + 1 + 8 + 8 + Digest.byteCount
        guard bytes.count >= offset + 4 else { return nil }
        let outputs = bytes.withUnsafeBytes {
            UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        return Int(outputs) <= bytes.count ? decode(bytes, outputs: Int(outputs)) : nil
    }
}
