internal import Files
internal import LarderStore

/// A compile's result as an entry of the store: one part for each thing that the compiler gave.
enum CompileResult {
    static let object = "object"
    static let output = "stdout"
    static let error = "stderr"
    /// What was said, with marks in the places of the checkout's roots (``MarkedDiagnostics``).
    static let markedError = "stderr-marked"
    /// The paths of the dependency file, of which it is made anew for whoever asks.
    static let dependencies = "dependencies"
    /// The dependency file itself, where making it anew did not give the same bytes.
    static let dependencyFile = "dependency-file"
    /// How long the compiler took, in microseconds: a little-endian integer of 8 bytes.
    static let duration = "duration"

    /// Publishes what a compile gave.
    ///
    /// - Parameters:
    ///   - origin: the open file that holds `object`.
    ///   - checksum: of `object`, where it is known.
    static func publish(
        _ key: EntryKey,
        object: NewPart.Content,
        origin: CInt? = nil,
        checksum: Checksum? = nil,
        streams: CapturedStreams,
        areMarked: Bool,
        dependencies: [Manifest.StoredPath],
        dependencyFile: [UInt8]?,
        microseconds: Int64,
        compresses: Bool,
        in store: EntryStore
    ) throws(StoreError) {
        // What is small comes first, so that a reader has it with the header.
        var parts = [
            NewPart(duration, .bytes(withUnsafeBytes(of: microseconds.littleEndian) { Array($0) }), codec: .stored)
        ]
        if !streams.output.isEmpty { parts.append(NewPart(output, .bytes(streams.output), codec: .stored)) }
        if !streams.error.isEmpty {
            parts.append(NewPart(areMarked ? markedError : error, .bytes(streams.error), codec: .stored))
        }
        parts.append(NewPart(Self.dependencies, .bytes(encode(dependencies)), codec: .stored))
        if let dependencyFile { parts.append(NewPart(Self.dependencyFile, .bytes(dependencyFile), codec: .stored)) }
        var result = NewPart(Self.object, object, codec: compresses ? .zstd : .stored)
        (result.origin, result.checksum) = (origin, checksum)
        parts.append(result)
        try store.publish(key, kind: EntryKind.object.rawValue, parts: parts)
    }

    /// Compares a result with the one that was made again.
    ///
    /// What a dependency file lists depends on whether one was asked for, and how long the compiler took on many things.
    static func verdict(
        _ earlier: consuming ResultCheck,
        of result: EntryKey,
        in store: EntryStore
    ) -> ResultCheck.Verdict {
        earlier.verdict(of: result, in: store, ignoring: [duration, dependencies, dependencyFile])
    }

    // dependencies ::= (mark:u8 byte* NUL)*
    private static func encode(_ paths: [Manifest.StoredPath]) -> [UInt8] {
        var bytes: [UInt8] = []
        for path in paths { bytes += [path.mark + 1] + path.text + [0] }
        return bytes
    }

    private static func decode(_ bytes: [UInt8], _ roots: CheckoutRoots) -> [Word]? {
        var paths: [Word] = []
        for item in bytes.split(separator: 0) {
            guard let mark = item.first, mark > 0 else { return nil }
            if mark == 1 {
                paths.append(Word(item.dropFirst()))
            } else {
                guard let root = roots.path(of: mark - 1) else { return nil }
                paths.append(root + item.dropFirst())
            }
        }
        return paths
    }

    /// Why a result that was found cannot be given.
    enum Defect: Error {
        /// It is damaged or incomplete: it is removed, and missed.
        case corrupt
        /// The user's disk or directory refuses the output: the compiler will say so better than we.
        case undeliverable
    }

    /// Gives an entry to the user: object and dependency file in their places, streams to ours.
    ///
    /// Returns how long the compiler had taken, in microseconds.
    static func deliver(
        _ entry: borrowing OpenEntry,
        _ request: CompileRequest,
        _ context: CompileContext,
        _ sink: OutputSink
    ) throws(Defect) -> Int64 {
        guard let objectIndex = entry.index(of: object) else { throw .corrupt }
        var streams = CapturedStreams(output: try part(entry, output) ?? [], error: try part(entry, error) ?? [])
        if streams.error.isEmpty, let marked = try part(entry, markedError) {
            guard let error = context.roots.unmarked(marked) else { throw .corrupt }
            streams.error = error
        }
        let microseconds = try part(entry, duration).map { bytes in
            bytes.count == 8 ? bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) } : 0
        }
        var rule: [UInt8]?
        if let wanted = request.dependencies {
            if let whole = try part(entry, dependencyFile) {
                rule = whole
            } else {
                guard let list = try part(entry, dependencies), let paths = decode(list, context.roots) else {
                    throw .corrupt
                }
                rule = DependencyFile.text(
                    request.family,
                    targets: wanted.targets,
                    dependencies: paths,
                    phony: wanted.addsPhonyTargets
                )
            }
        }
        try put(entry, objectIndex, rule, request)
        // A stream that takes nothing is the compiler's to complain about; it may leave no object then.
        guard sink.say(streams) else {
            try? Directory.removeFile(Path(bytes: request.output))
            throw .undeliverable
        }
        return microseconds ?? 0
    }

    /// Gives object and dependency file their names, or leaves nothing.
    private static func put(
        _ entry: borrowing OpenEntry,
        _ objectIndex: Int,
        _ rule: [UInt8]?,
        _ request: CompileRequest
    ) throws(Defect) {
        // A build that is interrupted must not find half a file of ours beside its own: the signal waits a millisecond.
        Interruption.hold()
        defer { Interruption.release() }
        try putUndisturbed(entry, objectIndex, rule, request)
    }

    private static func putUndisturbed(
        _ entry: borrowing OpenEntry,
        _ objectIndex: Int,
        _ rule: [UInt8]?,
        _ request: CompileRequest
    ) throws(Defect) {
        guard let rule, let wanted = request.dependencies else {
            let file = try output(entry, objectIndex, beside: request.output)
            do throws(SystemError) { try file.replace() } catch { throw .undeliverable }
            return
        }
        // First, as compilers do it: an object that is older than its dependency file may be made again.
        let dependencies = try temporary(beside: wanted.file)
        do throws(SystemError) {
            try dependencies.file.write(rule)
            DependencyFile.keepPermissions(of: dependencies.destination, for: dependencies.path)
        } catch {
            throw .undeliverable
        }
        let file = try output(entry, objectIndex, beside: request.output)
        do throws(SystemError) {
            // An object that may be a link has a time of its own, a nanosecond before that of what was written just now.
            if entry.linksOutputs { try dependencies.file.setTimes(to: file.file.status().identity.modified) }
            try dependencies.replace()
            try file.replace()
        } catch {
            throw .undeliverable
        }
    }

    private static func output(
        _ entry: borrowing OpenEntry,
        _ index: Int,
        beside path: Word
    ) throws(Defect) -> TemporaryEntry {
        if let file = entry.link(index, beside: Path(bytes: path)) { return file }
        let file = try temporary(beside: path)
        do throws(StoreError) {
            try entry.copy(index, to: file.file)
        } catch {
            throw error.code == .corrupt ? .corrupt : .undeliverable
        }
        entry.keepForLinks(index, file)
        return file
    }

    private static func temporary(beside path: Word) throws(Defect) -> TemporaryEntry {
        do throws(SystemError) {
            return try TemporaryEntry(beside: Path(bytes: path), mode: 0o666)
        } catch {
            throw .undeliverable
        }
    }

    private static func part(_ entry: borrowing OpenEntry, _ name: String) throws(Defect) -> [UInt8]? {
        guard let index = entry.index(of: name) else { return nil }
        do throws(StoreError) { return try entry.bytes(index) } catch { throw .corrupt }
    }
}
