internal import Files
internal import LarderStore

/// What one run of a driver gave, as an entry of the store.
///
///     parts   ::= "result" ("stdout")? ("stderr")? output-part*
///     result  ::= version:u8 status:u8 microseconds:i64 (form:u8)*        one form for each output of the request, in order
///     form    ::= 0 (there is none) | 1 (a file) | 2 (a program: whoever may read it may execute it)
///               | 3 (a file of text, with a mark of ``CheckoutRoots`` in the place of each root)
///
/// The outputs that are there are the parts `0`, `1`, … by their places in the request: an entry never says where
/// something goes. Streams in which roots are marked are called `stdout-paths` and `stderr-paths`. History: 1, the first.
enum DriverResult {
    private static let version: UInt8 = 1
    private static let result = "result"
    private static let output = "stdout"
    private static let error = "stderr"
    private static let markedOutput = "stdout-paths"
    private static let markedError = "stderr-paths"

    /// An output as the compiler left it, held open.
    final class MadeFile {
        let file: Descriptor
        let status: FileStatus
        let form: UInt8
        /// The text with its roots marked, where that is what is kept.
        let text: [UInt8]?

        /// Nil where it is nothing that can be made again: no plain file, one with more names, or with permissions of its own.
        ///
        /// - Parameter roots: for text, what is marked in it.
        init?(_ path: Path, mask: UInt32, mayHaveOtherNames: Bool = false, marking roots: CheckoutRoots? = nil) {
            guard let file = try? Descriptor(readingItself: path), let status = try? file.status(),
                status.kind == .regular, status.links == 1 || mayHaveOtherNames
            else { return nil }
            switch status.mode & 0o7777 {
            case 0o666 & ~mask: form = 1
            case 0o777 & ~mask: form = 2
            default: return nil
            }
            let bytes = form == 1 && roots != nil ? Self.contents(file, status) : nil
            text = bytes.flatMap { bytes in roots.flatMap { $0.marked(bytes) } }
            self.file = file
            self.status = status
        }

        /// False once somebody has written into it.
        var isUnchanged: Bool {
            guard let now = try? file.status() else { return false }
            return now.identity.size == status.identity.size && now.identity.modified == status.identity.modified
        }

        var bytes: [UInt8]? { Self.contents(file, status) }

        private static func contents(_ file: borrowing Descriptor, _ status: FileStatus) -> [UInt8]? {
            guard status.size < 1 << 30, let bytes = try? file.bytes(at: 0, count: status.size + 1),
                bytes.count == status.size
            else { return nil }
            return bytes
        }
    }

    /// - Parameter made: one for each output of the request; nil where the run made none.
    static func publish(
        _ key: EntryKey,
        made: [MadeFile?],
        streams: CapturedStreams,
        areMarked: Bool = false,
        microseconds: Int64,
        compresses: Bool,
        in store: EntryStore
    ) throws(StoreError) {
        var head: [UInt8] = [version, 0]
        withUnsafeBytes(of: microseconds.littleEndian) { head += $0 }
        head += made.map { $0.map { $0.text == nil ? $0.form : 3 } ?? 0 }
        var parts = [NewPart(result, .bytes(head), codec: .stored)]
        let names = areMarked ? (markedOutput, markedError) : (output, error)
        if !streams.output.isEmpty { parts.append(NewPart(names.0, .bytes(streams.output))) }
        if !streams.error.isEmpty { parts.append(NewPart(names.1, .bytes(streams.error))) }
        for (number, file) in made.enumerated() {
            guard let file else { continue }
            let content =
                file.text.map { NewPart.Content.bytes($0) }
                ?? .file(descriptor: file.file.raw, length: file.status.size)
            parts.append(NewPart("\(number)", content, codec: compresses ? .zstd : .stored))
        }
        try store.publish(key, kind: EntryKind.outputs.rawValue, parts: parts)
    }

    /// Compares a result with the one that was made again, but for how long the making took.
    static func verdict(
        _ earlier: consuming ResultCheck,
        of key: EntryKey,
        in store: EntryStore
    ) -> ResultCheck.Verdict {
        earlier.verdict(of: key, in: store) { name, bytes in
            name == result && bytes.count > 10 ? Array(bytes[..<2] + bytes[10...]) : bytes
        }
    }

    /// How a result that was given says the compiler ended, and what it took, in microseconds.
    struct Given {
        var status: Int32
        var microseconds: Int64
    }

    /// Gives an entry to the user: every output in its place, the streams to ours.
    static func deliver(_ entry: borrowing OpenEntry, to request: DriverRequest) throws(CompileResult.Defect) -> Given {
        let outputs = request.outputs
        guard let head = try part(entry, result), head.count == 10 + outputs.count, head[0] == version else {
            throw .corrupt
        }
        let streams = CapturedStreams(
            output: try said(entry, output, markedOutput, request.roots),
            error: try said(entry, error, markedError, request.roots)
        )
        // A build that is interrupted must not find half a result of ours: the signal waits some milliseconds.
        Interruption.hold()
        defer { Interruption.release() }
        var staged: [Staged] = []
        for (number, output) in outputs.enumerated() where head[10 + number] != 0 {
            guard let index = entry.index(of: "\(number)") else { throw .corrupt }
            let file = try Staged(Path(bytes: output.path), mode: head[10 + number] == 2 ? 0o777 : 0o666)
            if head[10 + number] == 3 {
                try file.fill(text(entry, "\(number)", request.roots) ?? [])
            } else {
                try file.fill(entry, index)
            }
            staged.append(file)
        }
        // Whoever is killed from here on leaves files that no run is believed to have made.
        for path in request.removed { try remove(path) }
        for file in staged { try file.replace() }
        guard streams.replay() else { throw .undeliverable }
        let microseconds = head[2..<10].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return Given(status: Int32(head[1]), microseconds: microseconds)
    }

    /// An output that lies beside its destination.
    private final class Staged {
        private var file: TemporaryEntry?

        init(_ path: Path, mode: UInt32) throws(CompileResult.Defect) {
            do throws(SystemError) {
                file = try TemporaryEntry(beside: path, mode: mode)
            } catch {
                throw .undeliverable
            }
        }

        func fill(_ entry: borrowing OpenEntry, _ index: Int) throws(CompileResult.Defect) {
            do throws(StoreError) {
                switch file {
                case .some(let file): try entry.copy(index, to: file.file)
                case nil: break
                }
            } catch {
                throw error.code == .corrupt ? .corrupt : .undeliverable
            }
        }

        func fill(_ text: [UInt8]) throws(CompileResult.Defect) {
            do throws(SystemError) {
                switch file {
                case .some(let file): try file.file.write(text)
                case nil: break
                }
            } catch {
                throw .undeliverable
            }
        }

        func replace() throws(CompileResult.Defect) {
            guard let file = file.take() else { return }
            do throws(SystemError) { try file.replace() } catch { throw .undeliverable }
        }
    }

    /// A stream, under whichever of its names it is kept.
    private static func said(_ entry: borrowing OpenEntry, _ plain: String, _ marked: String, _ roots: CheckoutRoots)
        throws(CompileResult.Defect) -> [UInt8]
    {
        if let text = try part(entry, plain) { return text }
        return try text(entry, marked, roots) ?? []
    }

    /// A part in which roots are marked, as it reads here.
    private static func text(_ entry: borrowing OpenEntry, _ name: String, _ roots: CheckoutRoots)
        throws(CompileResult.Defect) -> [UInt8]?
    {
        guard let marked = try part(entry, name) else { return nil }
        guard let text = roots.unmarked(marked) else { throw .corrupt }
        return text
    }

    private static func remove(_ path: Word) throws(CompileResult.Defect) {
        do throws(SystemError) {
            try Directory.removeFile(Path(bytes: path))
        } catch {
            guard error.isAbsence else { throw .undeliverable }
        }
    }

    private static func part(_ entry: borrowing OpenEntry, _ name: String) throws(CompileResult.Defect) -> [UInt8]? {
        guard let index = entry.index(of: name) else { return nil }
        do throws(StoreError) { return try entry.bytes(index) } catch { throw .corrupt }
    }
}
