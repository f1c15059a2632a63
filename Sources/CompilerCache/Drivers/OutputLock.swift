internal import Files
internal import LarderStore

/// The lock of whoever makes the outputs of one command.
///
/// A driver writes its outputs where they belong, and they are read there once it has ended. Two that write to one
/// path spoil each other's result, with a cache or without; but a cache would keep that.
struct OutputLock: ~Copyable {
    private let lock: WriterLock

    /// Takes the lock of `output`, waiting as the settings say; nil where it is not to be had.
    init?(of output: Word, in directory: Path, _ settings: Settings) {
        guard let name = Self.name(of: output, in: directory) else { return nil }
        var options = WriterLock.Options()
        options.timeout = settings.lockTimeout
        options.mode = settings.lockMode
        options.purpose = "compile"
        do throws(LockError) {
            lock = try WriterLock.acquire(name, in: settings.directory, options: options)
        } catch {
            return nil
        }
    }

    /// True while nobody has taken it over.
    var isStillHeld: Bool { lock.isStillHeld }

    /// The process that makes `output` at this moment, 0 where that is not known; nil when none does.
    static func holder(of output: Word, in directory: Path, _ settings: Settings) -> Int32? {
        guard let name = name(of: output, in: directory) else { return nil }
        let status = LockStatus.of(name, in: settings.directory)
        return status.isHeld ? status.owner?.process ?? 0 : nil
    }

    /// The same for everybody, whatever links lead there.
    private static func name(of output: Word, in directory: Path) -> LockName? {
        let path = Path(bytes: output).resolved(in: directory)
        let canonical = Directory.realPath(path.parent).map { $0.appending(bytes: path.name) } ?? path
        return LockName("make-" + String(Digest.of(Array(canonical.bytes)).hex.prefix(32)))
    }
}
