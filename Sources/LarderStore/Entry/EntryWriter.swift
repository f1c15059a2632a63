internal import Files

/// Writes the parts of one entry into a file that nobody sees yet, and their header in front of them.
///
/// A small entry is one write; a large one passes through a buffer, and its header is put in at the end, when
/// lengths and checksums are known. Where the file system can, a large file's blocks become blocks of the entry without a copy.
struct EntryWriter: ~Copyable {
    private var buffer: [UInt8]
    /// Bytes of the file that lie before the buffer.
    private var flushed = 0
    private let block: Int
    private let isSharing: Bool
    private var isHeaderFlushed = false
    private var written: [EntryHeader.Written] = []
    private let headerLength: Int
    private let level: Int32

    private static let bufferSize = 1 << 18
    /// A file up to this length is compressed in memory, where it can still be stored as it is if that is shorter.
    private static let wholeLimit = 1 << 22

    /// Below this, compressing saves no block of the disk, and costs every reader more than it saves.
    private static let compressionThreshold = 1024

    /// - Parameters:
    ///   - block: The block with which large parts begin; 1 for an entry without such.
    ///   - isSharing: Large files may share their blocks with the entry.
    init(headerLength: Int, block: Int, isSharing: Bool, level: Int32) {
        (self.headerLength, self.block, self.isSharing, self.level) = (headerLength, block, isSharing, level)
        buffer = [UInt8](repeating: 0, count: headerLength)
    }

    mutating func add(_ part: NewPart, to file: borrowing Descriptor) throws(StoreError) {
        let name = Array(part.name.utf8)
        switch part.content {
        case .bytes(let bytes):
            let sum = part.checksum ?? bytes.withUnsafeBytes { Checksum(of: $0) }
            try add(name, bytes, sum, part.codec, origin: part.origin, to: file)
        case .file(let descriptor, let length) where part.codec == .zstd && length <= Self.wholeLimit:
            let bytes = try Self.read(descriptor, length: length, name: part.name)
            let sum = bytes.withUnsafeBytes { Checksum(of: $0) }
            guard sum == part.checksum ?? sum else { throw Self.changed(part.name) }
            try add(name, bytes, sum, part.codec, to: file)
        case .file(let descriptor, let length):
            let shared: Int
            do throws(SystemError) {
                shared = part.codec == .stored ? try share(descriptor, length: length, with: file) : 0
            } catch {
                throw StoreError(error)
            }
            if shared > 0, let sum = part.checksum {
                try addRest(of: descriptor, behind: shared, length: length, sum, as: part, to: file)
            } else {
                try stream(descriptor, length: length, behind: shared, as: part, to: file)
            }
        }
    }

    /// Puts the header in its place.
    mutating func finish(key: EntryKey, kind: UInt8, in file: borrowing Descriptor) throws(StoreError) {
        let header = EntryHeader.encode(key: key, kind: kind, length: headerLength, block: block, parts: written)
        do throws(SystemError) {
            if isHeaderFlushed {
                try flush(to: file)
                try file.seek(to: 0)
                try file.write(header)
            } else {
                buffer.replaceSubrange(..<headerLength, with: header)
                try flush(to: file)
            }
        } catch {
            throw StoreError(error)
        }
    }

    private mutating func add(
        _ name: [UInt8],
        _ bytes: [UInt8],
        _ sum: Checksum,
        _ wish: Codec,
        origin: CInt? = nil,
        to file: borrowing Descriptor
    ) throws(StoreError) {
        var (codec, payload) = (Codec.stored, bytes)
        if wish == .zstd, bytes.count >= Self.compressionThreshold,
            let encoded = bytes.withUnsafeBytes({ Zstd.encode($0, level: level) }),
            encoded.count < bytes.count
        {
            (codec, payload) = (.zstd, encoded)
        }
        do throws(SystemError) {
            let shared = codec == .stored ? try share(origin, length: payload.count, with: file) : 0
            try payload[shared...].withUnsafeBufferPointer { (rest) throws(SystemError) in
                try append(UnsafeRawBufferPointer(rest), to: file)
            }
        } catch {
            throw StoreError(error)
        }
        written.append(
            .init(name: name, codec: codec, stored: payload.count, length: bytes.count, checksum: sum)
        )
    }

    // MARK: - Files

    private static func read(_ descriptor: CInt, length: Int, name: String) throws(StoreError) -> [UInt8] {
        var failure: SystemError?
        // One byte more than promised shows a file that grew.
        let bytes = [UInt8](unsafeUninitializedCapacity: length + 1) { buffer, count in
            do throws(SystemError) {
                count = try Descriptor.read(descriptor, at: 0, into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw StoreError(failure) }
        guard bytes.count == length else { throw changed(name, length) }
        return bytes
    }

    private static func changed(_ name: String, _ length: Int) -> StoreError {
        StoreError(.changed, detail: "\(name) is no longer \(length) bytes long")
    }

    private static func changed(_ name: String) -> StoreError {
        StoreError(.changed, detail: "\(name) no longer has the bytes that it had")
    }

    /// Adds what is not shared of a file whose checksum is known: no more than that is read.
    private mutating func addRest(
        of descriptor: CInt,
        behind shared: Int,
        length: Int,
        _ sum: Checksum,
        as part: NewPart,
        to file: borrowing Descriptor
    ) throws(StoreError) {
        let rest = length - shared
        do throws(SystemError) {
            // One byte more than promised shows a file that grew.
            let tail = UnsafeMutableRawBufferPointer.allocate(byteCount: rest + 1, alignment: 16)
            defer { tail.deallocate() }
            guard try Descriptor.read(descriptor, at: shared, into: tail) == rest else {
                throw SystemError.interrupted
            }
            try append(UnsafeRawBufferPointer(rebasing: tail[..<rest]), to: file)
        } catch {
            throw error == .interrupted ? Self.changed(part.name, length) : StoreError(error)
        }
        written.append(
            .init(name: Array(part.name.utf8), codec: .stored, stored: length, length: length, checksum: sum)
        )
    }

    /// Adds a file through a buffer; its first `shared` bytes are in the entry already, and are only read for the checksum.
    private mutating func stream(
        _ descriptor: CInt,
        length: Int,
        behind shared: Int,
        as part: NewPart,
        to file: borrowing Descriptor
    ) throws(StoreError) {
        guard let sum = Checksum.Running() else { throw StoreError(.io, detail: "out of memory") }
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
        defer {
            input.deallocate()
            output.deallocate()
        }
        let encoder = part.codec == .zstd ? Zstd.Encoder(level: level, length: length) : nil
        var (done, stored, isEncoded) = (0, 0, true)
        do throws(SystemError) {
            while done < length {
                let wanted = min(input.count, length - done)
                let chunk = UnsafeMutableRawBufferPointer(rebasing: input[..<wanted])
                guard try Descriptor.read(descriptor, at: done, into: chunk) == wanted else { break }
                done += wanted
                sum.update(UnsafeRawBufferPointer(chunk))
                guard encoder != nil else {
                    let isShared = max(0, min(wanted, shared - stored))
                    try append(UnsafeRawBufferPointer(rebasing: chunk[isShared...]), to: file)
                    stored += wanted
                    continue
                }
                isEncoded =
                    try encoder?.encode(
                        UnsafeRawBufferPointer(chunk),
                        isLast: done == length,
                        through: output
                    ) { (encoded) throws(SystemError) in
                        try append(encoded, to: file)
                        stored += encoded.count
                    } ?? false
                if !isEncoded { break }
            }
            let more = UnsafeMutableRawBufferPointer(rebasing: input[..<1])
            if isEncoded, try Descriptor.read(descriptor, at: length, into: more) != 0 { done = -1 }
        } catch {
            throw StoreError(error)
        }
        guard isEncoded else { throw StoreError(.io, detail: "zstd failed") }
        guard done == length else { throw Self.changed(part.name, length) }
        let checksum = sum.finish()
        guard checksum == part.checksum ?? checksum else { throw Self.changed(part.name) }
        written.append(
            .init(
                name: Array(part.name.utf8),
                codec: encoder == nil ? .stored : .zstd,
                stored: stored,
                length: length,
                checksum: checksum
            )
        )
    }

    // MARK: - Blocks

    /// Begins a payload of this length, with a block if it is large, and makes the blocks of a file that holds the same bytes
    /// blocks of the entry, where the file system can; returns how many bytes those are.
    ///
    /// The rest is left to be written behind them.
    private mutating func share(
        _ descriptor: CInt?,
        length: Int,
        with file: borrowing Descriptor
    ) throws(SystemError) -> Int {
        guard EntryHeader.isLarge(.stored, length) else { return 0 }
        closeGap()
        guard isSharing, let descriptor else { return 0 }
        try flush(to: file)
        let count = length - length % block
        guard SharedBlocks.share(count, of: descriptor, from: 0, with: file, at: flushed) else { return 0 }
        flushed += count
        try file.seek(to: flushed)
        return count
    }

    /// Fills what is left of a block, so that the next part begins with one.
    private mutating func closeGap() {
        let gap = EntryHeader.gap(behind: flushed + buffer.count, block: block)
        buffer.append(contentsOf: repeatElement(0, count: gap))
    }

    // MARK: - The buffer

    private mutating func append(
        _ bytes: UnsafeRawBufferPointer,
        to file: borrowing Descriptor
    ) throws(SystemError) {
        if buffer.count + bytes.count > Self.bufferSize {
            try flush(to: file)
            if bytes.count >= Self.bufferSize {
                flushed += bytes.count
                return try file.write(bytes)
            }
        }
        buffer.append(contentsOf: bytes)
    }

    private mutating func flush(to file: borrowing Descriptor) throws(SystemError) {
        try file.write(buffer)
        flushed += buffer.count
        buffer.removeAll(keepingCapacity: true)
        isHeaderFlushed = true
    }
}
