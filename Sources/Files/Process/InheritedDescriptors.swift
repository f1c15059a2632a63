internal import Glibc

/// The open files, beside the three standard ones, that this process passes on to what it starts, because somebody passed them to it.
///
/// Who reads or writes them names no file, so that nobody sees it. Of a plain file the position or the time tells.
package struct InheritedDescriptors {
    private struct File: Equatable {
        var number: CInt
        var identity: FileIdentity
        var position: Int
    }

    private var files: [File] = []
    /// The lowest pipe that a shell may have been told to pass on, which it does under a single digit.
    ///
    /// Not the one by which make shares its jobs. Pipes and sockets under other numbers are leaks of the programs around us, and
    /// nobody knows of them.
    package private(set) var pipe: CInt?

    /// Looks at them now.
    package init() {
        let jobs = Self.jobDescriptors
        let names = (try? Directory.names(in: Path("/proc/self/fd"))) ?? []
        for number in names.compactMap({ CInt(String(decoding: $0, as: UTF8.self)) }).sorted() where number > 2 {
            let flags = fcntl(number, F_GETFD)
            guard flags >= 0, flags & FD_CLOEXEC == 0, let status = Self.status(number) else { continue }
            switch status.kind {
            case .regular:
                let position = Int(lseek(number, 0, SEEK_CUR))
                files.append(File(number: number, identity: status.identity, position: position))
            case .directory, .symbolicLink: break
            case .other:
                let isPipe = status.mode & S_IFMT == S_IFIFO
                if isPipe, number < 10, pipe == nil, !jobs.contains(number) { pipe = number }
            }
        }
    }

    /// True while nobody has read or written the plain files among them since they were looked at.
    package var areUntouched: Bool {
        files.allSatisfy { file in
            Self.status(file.number)?.identity == file.identity
                && Int(lseek(file.number, 0, SEEK_CUR)) == file.position
        }
    }

    /// The plain files among standard input and 3 to 9 that will be open in what is started and may be read, with their positions.
    ///
    /// Whoever has one may read any part of it, and leave the position where it was.
    package static var readableFiles: [(number: CInt, position: Int)] {
        ([0] + Array(3...9 as ClosedRange<CInt>)).compactMap { number in
            let (flags, mode) = (fcntl(number, F_GETFD), fcntl(number, F_GETFL))
            guard flags >= 0, number == 0 || flags & FD_CLOEXEC == 0, mode & O_ACCMODE != O_WRONLY,
                kind(of: number) == UInt8(ascii: "f")
            else { return nil }
            return (number, Int(lseek(number, 0, SEEK_CUR)))
        }
    }

    /// What is open as `number`: a letter each for a file, a pipe, a terminal, the null device, another one, anything else, or nothing.
    static func kind(of number: CInt) -> UInt8 {
        var information = stat()
        guard fstat(number, &information) == 0 else { return UInt8(ascii: "-") }
        if FileStatus(information).isNullDevice { return UInt8(ascii: "n") }
        switch information.st_mode & S_IFMT {
        case S_IFREG: return UInt8(ascii: "f")
        case S_IFIFO: return UInt8(ascii: "p")
        case S_IFCHR: return isatty(number) == 1 ? UInt8(ascii: "t") : UInt8(ascii: "d")
        default: return UInt8(ascii: "o")
        }
    }

    /// What is open as 3 to 9, which a shell passes on, and will be open in what is started; make's pipes for its jobs do not count.
    package static var kinds: [UInt8] {
        let jobs = jobDescriptors
        return (3...9 as ClosedRange<CInt>).map { number in
            let flags = jobs.contains(number) ? -1 : fcntl(number, F_GETFD)
            return flags >= 0 && flags & FD_CLOEXEC == 0 ? kind(of: number) : UInt8(ascii: "-")
        }
    }

    private static func status(_ number: CInt) -> FileStatus? { FileStatus.of(Path("/proc/self/fd/\(number)")) }

    /// What `--jobserver-auth=R,W` in MAKEFLAGS names, `--jobserver-fds` before make 4.2.
    private static var jobDescriptors: [CInt] {
        ["MAKEFLAGS", "CARGO_MAKEFLAGS"].flatMap { name -> [CInt] in
            (Environment.text(name) ?? "").split(separator: " ").flatMap { word -> [CInt] in
                guard word.hasPrefix("--jobserver-"), let equals = word.firstIndex(of: "=") else { return [] }
                return word[word.index(after: equals)...].split(separator: ",").compactMap { CInt($0) }
            }
        }
    }
}
