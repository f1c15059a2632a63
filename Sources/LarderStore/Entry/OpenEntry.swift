package import Files

/// An entry that is open and whose header is verified; its parts are verified as they are read.
///
/// It stays readable whatever happens to its name: replaced, evicted or cleared.
package struct OpenEntry: ~Copyable {
    /// What the front end said the entry is.
    package var kind: UInt8 { header.kind }
    /// The number of parts.
    package var count: Int { header.parts.count }
    /// Which file it was when it was opened.
    package let identity: FileIdentity

    private let file: Descriptor
    private let header: EntryHeader
    /// The first bytes of the file: header and small parts, read at once.
    private let head: [UInt8]
    private let path: Path
    let key: EntryKey
    private let contents: KnownContent
    package let linksOutputs: Bool

    static let chunk = 1 << 18
    /// From this length on a part is copied without a buffer of ours.
    static let directLength = EntryHeader.largeLength
    /// What is read at once where the checksum follows directly: it stays in the cache of one core.
    static let cachedChunk = 1 << 17

    init(
        file: consuming Descriptor,
        identity: FileIdentity,
        header: EntryHeader,
        head: [UInt8],
        path: Path,
        key: EntryKey,
        contents: KnownContent,
        linksOutputs: Bool
    ) {
        self.file = file
        (self.identity, self.header, self.head, self.path) = (identity, header, head, path)
        (self.key, self.contents, self.linksOutputs) = (key, contents, linksOutputs)
    }

    /// What part `index` may be linked to; nil where it is copied.
    func linkedOutputs(_ index: Int) -> LinkedOutputs? {
        guard linksOutputs, header.parts.indices.contains(index), header.parts[index].codec == .stored,
            header.parts[index].stored >= EntryHeader.largeLength
        else { return nil }
        return contents.linkedOutputs
    }

    /// The names of the parts, in order.
    package var partNames: [String] { header.parts.indices.map { name($0) } }

    /// The name of part `index`, which there has to be.
    package func name(_ index: Int) -> String { String(decoding: head[header.parts[index].name], as: UTF8.self) }

    /// The checksum of part `index`, which there has to be, once decoded.
    package func checksum(_ index: Int) -> Checksum { header.parts[index].checksum }

    /// Writes the whole entry, as it lies in its file, to `target`.
    func copyFile(to target: borrowing Descriptor) throws(SystemError) {
        var offset = 0
        while true {
            let chunk = try file.bytes(at: offset, count: Self.chunk)
            if chunk.isEmpty { return }
            try target.write(chunk)
            offset += chunk.count
        }
    }

    /// Leaves the open file and nothing else.
    consuming func takeFile() -> Descriptor { file }

    /// The first part called `name`.
    package func index(of name: String) -> Int? {
        header.parts.indices.first { head[header.parts[$0].name].elementsEqual(name.utf8) }
    }

    /// The length of part `index` once decoded; 0 when there is no such part.
    package func trueLength(_ index: Int) -> Int {
        header.parts.indices.contains(index) ? header.parts[index].length : 0
    }

    /// The length of part `index` as it lies in the file; 0 when there is no such part.
    package func storedLength(_ index: Int) -> Int {
        header.parts.indices.contains(index) ? header.parts[index].stored : 0
    }

    /// Part `index`, decoded and verified.
    package func bytes(_ index: Int) throws(StoreError) -> [UInt8] {
        let part = try part(index)
        switch part.codec {
        case .stored:
            return try read(part, verifying: part.checksum)
        case .zstd:
            // What lies in the head already is decoded from there.
            let (start, end) = (part.offset, part.offset + part.stored)
            let payload = end <= head.count ? head[start..<end] : try read(part, verifying: nil)[...]
            let decoded = payload.withUnsafeBytes { Zstd.decode($0, length: part.length) }
            guard let decoded, decoded.withUnsafeBytes({ Checksum(of: $0) }) == part.checksum else { throw corrupt }
            return decoded
        }
    }

    /// Calls `body` with part `index`, decoded and verified, where it lies if it is small and stored as it is.
    ///
    /// Not generic: the runtime would have to be told about the result's type, in the middle of a hit.
    package func withBytes(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws(StoreError) {
        let part = try part(index)
        guard part.codec == .stored, part.offset + part.stored <= head.count else {
            return try bytes(index).withUnsafeBytes { body($0) }
        }
        let isWhole = head.withUnsafeBytes { head in
            let bytes = UnsafeRawBufferPointer(rebasing: head[part.offset..<(part.offset + part.stored)])
            guard Checksum(of: bytes) == part.checksum else { return false }
            body(bytes)
            return true
        }
        guard isWhole else { throw corrupt }
    }

    /// The payload of `part` as it lies in the file, in memory of its own.
    ///
    /// The checksum is taken chunk by chunk, right behind each read and while the bytes are in the processor's cache.
    private func read(_ part: EntryHeader.Part, verifying checksum: Checksum?) throws(StoreError) -> [UInt8] {
        // An array made without room writes its count into the empty array that all threads share.
        if part.stored == 0 {
            guard checksum == nil || checksum == Checksum(of: UnsafeRawBufferPointer(start: nil, count: 0)) else {
                throw corrupt
            }
            return []
        }
        var failure: SystemError?
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: part.stored) { buffer, count in
            do throws(SystemError) {
                let target = UnsafeMutableRawBufferPointer(buffer)
                isWhole = try fill(.init(rebasing: target[..<part.stored]), from: part, verifying: checksum)
            } catch {
                failure = error
            }
            count = isWhole ? part.stored : 0
        }
        if let failure { throw StoreError(.io, at: path, underlying: failure) }
        guard isWhole else { throw corrupt }
        return bytes
    }

    private func fill(
        _ target: UnsafeMutableRawBufferPointer,
        from part: EntryHeader.Part,
        verifying checksum: Checksum?
    ) throws(SystemError) -> Bool {
        var done = min(max(head.count - part.offset, 0), part.stored)
        if done > 0 { target.copyBytes(from: head[part.offset..<(part.offset + done)]) }
        // Most entries end here: one sum over all of it needs no state.
        if done == part.stored {
            return checksum == nil || checksum == Checksum(of: UnsafeRawBufferPointer(target))
        }
        FreshMemory.prepare(target)
        guard let sum = Checksum.Running() else { return false }
        if checksum != nil { sum.update(UnsafeRawBufferPointer(rebasing: target[..<done])) }
        while done < target.count {
            let wanted = min(Self.cachedChunk, target.count - done)
            let chunk = UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + wanted)])
            guard try file.read(at: part.offset + done, into: chunk) == wanted else { return false }
            if checksum != nil { sum.update(UnsafeRawBufferPointer(chunk)) }
            done += wanted
        }
        guard let checksum else { return true }
        return sum.finish() == checksum
    }

    /// Writes part `index`, decoded, to `target` and verifies it on the way.
    ///
    /// Damage is only certain at the end: it throws `.corrupt` *after* having written, so `target` has to be a new
    /// file, open for reading and writing, that nobody sees yet and that is dropped on failure.
    package func copy(_ index: Int, to target: borrowing Descriptor) throws(StoreError) {
        let part = try part(index)
        if try share(part, with: target) { return }
        do throws(SystemError) {
            if try copyDirectly(part, to: target) { return }
        } catch {
            throw StoreError(error, at: path)
        }
        try stream(index) { (bytes) throws(SystemError) in try target.write(bytes) }
    }

    /// Makes a large part's blocks those of `target`, which is empty, where the file system can; says whether all of it is there.
    ///
    /// The bytes are not read again: all parts were verified, and nobody has written to the file since.
    private func share(_ part: EntryHeader.Part, with target: borrowing Descriptor) throws(StoreError) -> Bool {
        guard header.block > 1, EntryHeader.isLarge(part.codec, part.stored) else { return false }
        let count = part.stored - part.stored % header.block
        guard SharedBlocks.share(count, of: file.raw, from: part.offset, with: target, at: 0) else { return false }
        try verifyOnce()
        do throws(SystemError) {
            try target.seek(to: count)
            let rest = try file.bytes(at: part.offset + count, count: part.stored - count)
            guard rest.count == part.stored - count else { throw SystemError.interrupted }
            try target.write(rest)
            // Whoever has written to it changed the time of its last change.
            if try file.status().identity == identity { return true }
        } catch {}
        do throws(SystemError) {
            try target.truncate(to: 0)
            try target.seek(to: 0)
        } catch {
            throw StoreError(error, at: path)
        }
        return false
    }

    /// Verifies all parts, unless that was done when the file was what it is now.
    private func verifyOnce() throws(StoreError) {
        if contents.isVerified(identity, as: key) { return }
        let now = Clock.stamp
        for index in header.parts.indices { try check(index) }
        contents.rememberVerified(identity, as: key, at: path, since: now)
    }

    /// Has the kernel copy a part, and verifies what has arrived; where that is in doubt `target` is empty again.
    private func copyDirectly(_ part: EntryHeader.Part, to target: borrowing Descriptor) throws(SystemError) -> Bool {
        // Whoever cuts one of the two files short meanwhile makes a look at the mapping a fault.
        guard Crash.isMet, part.codec == .stored, part.stored >= Self.directLength, let sum = Checksum.Running()
        else { return false }
        let isWhole = try DirectCopy.copy(part.stored, at: part.offset, of: file, to: target) { sum.update($0) }
        if sum.finish() == part.checksum, isWhole { return true }
        try target.truncate(to: 0)
        try target.seek(to: 0)
        return false
    }

    /// Reads part `index` to its end and throws `.corrupt` when it is not what was published.
    package func check(_ index: Int) throws(StoreError) { try stream(index) { (_) throws(SystemError) in } }

    private var corrupt: StoreError { StoreError(.corrupt, at: path) }

    private func part(_ index: Int) throws(StoreError) -> EntryHeader.Part {
        guard header.parts.indices.contains(index) else {
            throw StoreError(.corrupt, at: path, detail: "it has no part \(index)")
        }
        return header.parts[index]
    }

    private func stream(
        _ index: Int,
        to sink: (UnsafeRawBufferPointer) throws(SystemError) -> Void
    ) throws(StoreError) {
        let part = try part(index)
        guard let sum = Checksum.Running() else { throw StoreError(.io, at: path, detail: "out of memory") }
        let isWhole: Bool
        do throws(SystemError) {
            isWhole =
                switch part.codec {
                case .stored: try streamStored(part, sum, to: sink)
                case .zstd: try streamDecoded(part, sum, to: sink)
                }
        } catch {
            throw StoreError(error, at: path)
        }
        guard sum.finish() == part.checksum, isWhole else { throw corrupt }
    }

    private func streamStored(
        _ part: EntryHeader.Part,
        _ sum: borrowing Checksum.Running,
        to sink: (UnsafeRawBufferPointer) throws(SystemError) -> Void
    ) throws(SystemError) -> Bool {
        try forEachChunk(of: part) { (bytes) throws(SystemError) in
            sum.update(bytes)
            try sink(bytes)
            return true
        }
    }

    private func streamDecoded(
        _ part: EntryHeader.Part,
        _ sum: borrowing Checksum.Running,
        to sink: (UnsafeRawBufferPointer) throws(SystemError) -> Void
    ) throws(SystemError) -> Bool {
        guard var decoder = Zstd.Decoder() else { return false }
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 16)
        defer { output.deallocate() }
        var length = 0
        let isWhole = try forEachChunk(of: part) { (bytes) throws(SystemError) in
            try decoder.decode(bytes, through: output) { (decoded) throws(SystemError) in
                length += decoded.count
                guard length <= part.length else { return false }
                sum.update(decoded)
                try sink(decoded)
                return true
            }
        }
        return isWhole && decoder.isFinished && length == part.length
    }

    /// Calls `body` with the payload of `part` as it lies in the file, chunk by chunk, until it says false; says
    /// whether all of it was there and taken.
    private func forEachChunk(
        of part: EntryHeader.Part,
        _ body: (UnsafeRawBufferPointer) throws(SystemError) -> Bool
    ) throws(SystemError) -> Bool {
        var done = 0
        if part.offset < head.count {
            let end = min(part.offset + part.stored, head.count)
            done = end - part.offset
            let isTaken = try head[part.offset..<end].withUnsafeBufferPointer { (bytes) throws(SystemError) in
                try body(UnsafeRawBufferPointer(bytes))
            }
            guard isTaken else { return false }
        }
        if done == part.stored { return true }
        let rest = part.stored - done
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(Self.cachedChunk, rest), alignment: 16)
        defer { buffer.deallocate() }
        while done < part.stored {
            let wanted = min(buffer.count, part.stored - done)
            let chunk = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            guard try file.read(at: part.offset + done, into: chunk) == wanted,
                try body(UnsafeRawBufferPointer(chunk))
            else { return false }
            done += wanted
        }
        return true
    }
}
