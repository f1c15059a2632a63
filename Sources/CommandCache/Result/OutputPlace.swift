internal import Files
internal import LarderStore

/// Where an output of a command lies.
struct OutputPlace {
    /// As the command line has it.
    let path: Path
    /// The same for everybody, whatever links lead there: what two commands must not make at the same time.
    let canonical: Path

    /// Refuses what is no name of a file or directory that a tool could make.
    init(_ text: [UInt8], directory: Path) throws(Refusal) {
        var text = text
        while text.count > 1, text.last == UInt8(ascii: "/") { text.removeLast() }
        path = Path(bytes: text)
        let name = path.name
        guard !name.isEmpty, !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) else { throw .outputIsPlace }
        canonical = Self.canonical(path.resolved(in: directory))
        // A result replaces a directory whole: nobody may stand in it.
        guard !Self.isAtOrBelow(directory, canonical) else { throw .outputIsPlace }
    }

    /// The path with every link of its directories followed, as far as they exist.
    private static func canonical(_ path: Path) -> Path {
        if let parent = Directory.realPath(path.parent) { return parent.appending(bytes: path.name) }
        return path.parent == path ? path : canonical(path.parent).appending(bytes: path.name)
    }

    static func isAtOrBelow(_ path: Path, _ directory: Path) -> Bool {
        let (bytes, above) = (path.bytes, directory.bytes)
        guard bytes.starts(with: above) else { return false }
        return bytes.count == above.count || bytes[bytes.startIndex + above.count] == UInt8(ascii: "/")
    }

    /// How many directories above the output are missing.
    var missingParents: Int {
        var (count, parent) = (0, path.parent)
        while FileStatus.of(parent) == nil, parent.parent != parent {
            count += 1
            parent = parent.parent
        }
        return count
    }

    /// The lock of whoever makes this output.
    var lock: LockName? {
        let hex = Digest.of(Array(canonical.bytes)).hex
        return LockName("run-" + String(hex.prefix(32)))
    }
}

/// The locks of all outputs of one command, held for the life of the value.
///
/// Two tools that write to one path spoil each other's result, with a cache or without. But a cache would keep that.
final class OutputLocks {
    private var held: [Held] = []
    private let store: Path

    private final class Held {
        let lock: WriterLock
        init(_ lock: consuming WriterLock) { self.lock = lock }
    }

    /// Takes all locks, each in its turn; nil where one is not to be had in time.
    ///
    /// Who gets none is expected to run its tool all the same, and says so.
    init?(of outputs: [OutputPlace], in store: Path, options: WriterLock.Options) {
        self.store = store
        // In an order that is the same for everybody, or two would wait for each other.
        let names = outputs.compactMap(\.lock).sorted { $0.description < $1.description }
        for (index, name) in names.enumerated() where index == 0 || names[index - 1] != name {
            do throws(LockError) {
                held.append(Held(try WriterLock.acquire(name, in: store, options: options)))
                UnlockedWork.forgetEnded(name, in: store)
            } catch {
                for name in names { UnlockedWork.note(name, in: store) }
                return nil
            }
        }
    }

    /// The process that makes one of the outputs at this moment, 0 where that is not known; nil when none is.
    static func holder(of outputs: [OutputPlace], in store: Path) -> Int32? {
        for output in outputs {
            guard let name = output.lock else { continue }
            let status = LockStatus.of(name, in: store)
            if status.isHeld { return status.owner?.process ?? 0 }
        }
        return nil
    }

    /// True while none of them was taken over by another process, and none has done without.
    var areStillHeld: Bool {
        held.allSatisfy { $0.lock.isStillHeld && !UnlockedWork.isNoted($0.lock.name, in: store) }
    }

    /// Gives all of them back.
    func release() { held = [] }
}
