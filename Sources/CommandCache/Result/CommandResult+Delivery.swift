internal import Files
internal import LarderStore

extension CommandResult {
    /// Why a result that is there cannot be given.
    enum Obstacle: String, Error {
        /// It is not what was published.
        case corrupt = "result_corrupt"
        /// Something stands in its place that the tool might have treated otherwise.
        case outputInTheWay = "output_in_the_way"
        /// The system did not let us write it.
        case undeliverable = "output_undeliverable"
        /// It ended with a status that is not wanted now.
        case status = "status_not_kept"
        case expired
    }

    /// Reads what the entry says it holds.
    static func read(_ entry: borrowing OpenEntry, outputs: Int) throws(Obstacle) -> CommandResult {
        guard let index = entry.index(of: ResultFormat.result) else { throw .corrupt }
        do throws(StoreError) {
            if let result = ResultFormat.decode(try entry.bytes(index), outputs: outputs) { return result }
        } catch {
            throw .corrupt
        }
        throw .corrupt
    }

    /// Compares a result with the one that was made again, but for when that was and how long it took.
    static func verdict(_ earlier: consuming ResultCheck, of key: EntryKey, in store: EntryStore) -> ResultCheck.Verdict
    {
        earlier.verdict(of: key, in: store) { name, bytes in
            // version:u32 status:u8 made:i64 microseconds:i64
            name == ResultFormat.result && bytes.count > 21 ? Array(bytes[..<5] + bytes[21...]) : bytes
        }
    }

    /// Puts the outputs of the entry in their places, each at once and whole, and returns the streams.
    ///
    /// - Parameters:
    ///   - staying: the numbers of outputs that stay as they are where the same is there already.
    ///   - replaced: the numbers of those that are new files, whatever non-empty file is in their place.
    func deliver(
        _ entry: borrowing OpenEntry,
        to outputs: [OutputPlace],
        staying: Set<Int> = [],
        replaced: Set<Int> = []
    ) throws(Obstacle) -> CapturedStreams {
        let streams = CapturedStreams(
            output: try Self.part(entry, ResultFormat.output),
            error: try Self.part(entry, ResultFormat.error)
        )
        guard !outputs.isEmpty else { return streams }
        guard suits(outputs, replaced: replaced) else { throw .outputInTheWay }
        let places = outputs.map(\.path)
        let packed = try Self.part(entry, ResultFormat.files)
        // A build that is interrupted must not find half a result of ours: the signal waits for the file at hand.
        Interruption.hold()
        defer { Interruption.release() }
        do throws(SystemError) {
            try makeParents(outputs)
            for output in try stage(entry, packed, at: places) {
                if staying.contains(output.number), output.isThere { continue }
                try output.publish()
            }
        } catch {
            throw error.code == Self.corruption ? .corrupt : .undeliverable
        }
        return streams
    }

    /// Whether the tool would have made this of what is at the outputs' places now.
    func suits(_ outputs: [OutputPlace], replaced: Set<Int> = []) -> Bool {
        let places = outputs.map(\.path)
        guard filledDirectories.allSatisfy({ FileStatus.ofLink(places[$0])?.kind == .directory }),
            let here = try? OutputTree(of: places)
        else { return false }
        return here.canGiveWay(to: nodes.map(\.node), at: places, replaced: replaced)
    }

    /// Why it cannot be given, as far as that is seen without giving it; nil where it can.
    func obstacle(at outputs: [OutputPlace], replaced: Set<Int> = []) -> Obstacle? {
        guard suits(outputs, replaced: replaced) else { return .outputInTheWay }
        return zip(outputs, madeParents).allSatisfy { $0.missingParents <= $1 } ? nil : .undeliverable
    }

    /// Makes the outputs beside their places; nothing stays of them where a signal asks this process to end meanwhile.
    private func stage(_ entry: borrowing OpenEntry, _ packed: [UInt8], at places: [Path]) throws(SystemError)
        -> [StagedOutput]
    {
        var staged: [StagedOutput] = []
        for item in nodes where item.node.kind != .absent {
            if item.node.names.isEmpty {
                staged.append(try StagedOutput(item.node, at: places))
            }
            guard let output = staged.last else { continue }
            try output.add(item.node) { (file) throws(SystemError) in
                try fill(file, item.content, entry, packed)
            }
            CrashPoint.reach("staging")
            // What is beside the places goes before this process does.
            guard !Interruption.isWaiting else { throw SystemError.interrupted }
        }
        return staged
    }

    /// Stands for damage where a system call's failure is expected: no system call fails with 0.
    private static let corruption: Int32 = 0

    private func fill(
        _ file: borrowing Descriptor,
        _ content: Content,
        _ entry: borrowing OpenEntry,
        _ packed: [UInt8]
    ) throws(SystemError) {
        let corrupt = SystemError("decode", code: Self.corruption)
        switch content {
        case .none: break
        case .packed(let offset, let length):
            guard offset + length <= packed.count else { throw corrupt }
            try file.write(Array(packed[offset..<(offset + length)]))
        case .part(let number):
            guard let index = entry.index(of: ResultFormat.file(number)) else { throw corrupt }
            do throws(StoreError) {
                try entry.copy(index, to: file)
            } catch {
                throw error.code == .corrupt ? corrupt : error.underlying ?? corrupt
            }
        }
    }

    /// Makes the directories above the outputs that are missing, but only those that the tool made, too.
    private func makeParents(_ outputs: [OutputPlace]) throws(SystemError) {
        for item in nodes where item.node.names.isEmpty && item.node.kind != .absent {
            let output = outputs[item.node.output]
            let missing = output.missingParents
            guard missing > 0 else { continue }
            guard missing <= madeParents[item.node.output] else { throw SystemError("mkdir", at: output.path, code: 2) }
            try Directory.make(output.path.parent, mode: 0o777)
        }
    }

    private static func part(_ entry: borrowing OpenEntry, _ name: String) throws(Obstacle) -> [UInt8] {
        guard let index = entry.index(of: name) else { return [] }
        do throws(StoreError) { return try entry.bytes(index) } catch { throw .corrupt }
    }
}
