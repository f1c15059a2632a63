internal import CLinux
internal import Glibc

/// A file that is being made beside its destination, and the only way to that destination.
///
/// The name is `<destination>.tmp.<pid>.<random>`, created with O_EXCL, so two processes never share one and a
/// reader never meets a part. Dropping the value without ``publish(_:)`` removes the file, whatever went wrong;
/// what a killed process leaves is recognised by ``Leftover`` and swept.
package struct TemporaryEntry: ~Copyable {
    package let destination: Path
    package let path: Path
    package let file: Descriptor
    private let mark: Crash.Temporary
    private let isLink: Bool
    private var isPublished = false

    /// Creates an empty file beside `destination`; `mode` is narrowed by the umask as for any other file.
    package init(beside destination: Path, mode: UInt32 = 0o600) throws(SystemError) {
        self.destination = destination
        isLink = false
        var attempts = 0
        while true {
            let path = Self.name(beside: destination)
            do throws(SystemError) {
                self.file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_EXCL, mode: mode)
                self.path = path
                mark = Crash.Temporary(path)
                return
            } catch {
                attempts += 1
                guard error.code == EEXIST, attempts < 16 else { throw error }
            }
        }
    }

    /// The file at `path`, open as `file`, under a second name beside `destination`.
    package init(linking path: Path, _ file: consuming Descriptor, beside destination: Path) throws(SystemError) {
        self.destination = destination
        self.path = Self.name(beside: destination)
        self.file = file
        isLink = true
        try Directory.link(path, as: self.path)
        mark = Crash.Temporary(self.path)
    }

    /// Of a longer name only the beginning stands in the temporary one.
    ///
    /// A name has 255 bytes at most, 143 on eCryptfs, and ours adds some 40 to it.
    private static let longestName = 100

    /// A name beside `destination` that no other process uses.
    package static func name(beside destination: Path) -> Path {
        // Digits by hand: a String of a number has the runtime look for conformances, in the middle of a hit.
        var name = Array(destination.bytes)
        let excess = destination.name.count - longestName
        if excess > 0 {
            name.removeLast(excess)
            // No part of a character, which some file systems refuse.
            while let last = name.last, last & 0xC0 == 0x80 { name.removeLast() }
            if let last = name.last, last >= 0xC0 { name.removeLast() }
        }
        name.append(contentsOf: ".tmp.".utf8)
        append(UInt64(CurrentProcess.id), radix: 10, to: &name)
        name.append(UInt8(ascii: "."))
        // The clock's nanoseconds under this process's own seed: no system call. Should two threads read the same one,
        // O_EXCL has the second try again.
        var hasher = Hasher()
        hasher.combine(Clock.monotonic)
        // Two names of which only the same beginning is left, at one time.
        if excess > 0 { hasher.combine(destination) }
        append(UInt64(bitPattern: Int64(hasher.finalize())), radix: 36, to: &name)
        return Path(bytes: name)
    }

    private static func append(_ number: UInt64, radix: UInt64, to text: inout [UInt8]) {
        let start = text.count
        var rest = number
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % radix)
            text.insert(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10, at: start)
            rest /= radix
        } while rest > 0
    }

    /// Makes the file visible under its destination's name, replacing what was there, at once and whole.
    package consuming func publish(_ durability: Durability = .none) throws(SystemError) {
        CrashPoint.reach("written")
        if durability != .none, !Flushing.isOff { try file.flush() }
        CrashPoint.reach("flushed")
        let (from, to) = (path, destination)
        let status = from.withCString { from in to.withCString { to in Glibc.rename(from, to) } }
        guard status == 0 else { throw SystemError("rename", at: to) }
        isPublished = true
        // A rename from one name of a file to another of its names does nothing.
        if isLink { _ = from.withCString { unlink($0) } }
        CrashPoint.reach("renamed")
        if durability == .synced, !Flushing.isOff {
            try Directory.flush(to.parent)
        }
    }

    /// Makes the file visible as ``publish(_:)`` does, at once and whole, where there is probably one to replace already.
    ///
    /// The two files change names, and the old one is removed under the temporary name, so that there is one at every
    /// moment. A rename that replaces makes ext4 put the new file's blocks on the disk first (0.17 ms measured, 0.05
    /// without), which nobody asks for who does not flush. Killed in between, the old file is a leftover like any other.
    package consuming func replace() throws(SystemError) {
        CrashPoint.reach("written")
        CrashPoint.reach("flushed")
        let (from, to) = (path, destination)
        guard Directory.exchange(from, to) else {
            // There is none after all, or the file system has no such call.
            try publish(.none)
            return
        }
        isPublished = true
        CrashPoint.reach("renamed")
        if from.withCString({ unlink($0) }) == 0 { return }
        // What stood there was a directory, which a rename would have refused.
        let error = SystemError("unlink", at: to)
        if Directory.exchange(from, to) { _ = from.withCString { unlink($0) } }
        throw error
    }

    /// Makes the file visible and sure to survive a power failure, on any file system; returns what it is now, and whether
    /// that happened in one step.
    ///
    /// A rename that is refused because somebody has the old file in use is tried again, after 50 ms, then after
    /// twice as long each time and at most a second, for `budget` nanoseconds at most. Where the file system cannot
    /// replace a file by a rename, the old one is called `aside` until the new one is in place: whoever finds nothing
    /// looks there. Only for a holder of the lock that the destination's writers share.
    package mutating func publish(replacing aside: Path, within budget: Int64) throws(SystemError)
        -> (identity: FileIdentity, isAtomic: Bool)
    {
        if !Flushing.isOff { try file.flush() }
        CrashPoint.reach("flushed")
        let start = Clock.monotonic
        var pause: Int64 = 50_000_000
        var isAtomic = true
        while true {
            do throws(SystemError) {
                isAtomic = try rename(replacing: aside)
                break
            } catch {
                let rest = budget - (Clock.monotonic - start)
                guard error.isBusy, rest > 0 else { throw error }
                Clock.sleep(min(pause, rest))
                pause = min(pause * 2, 1_000_000_000)
            }
        }
        isPublished = true
        CrashPoint.reach("renamed")
        if !Flushing.isOff { try Directory.flush(destination.parent) }
        return (try file.status().identity, isAtomic)
    }

    /// Returns whether one step was enough.
    private func rename(replacing aside: Path) throws(SystemError) -> Bool {
        var isAtomic = true
        do throws(SystemError) {
            try Fault.check("rename", at: destination)
            try Directory.rename(path, to: destination)
        } catch {
            guard error.isWithoutReplacement else { throw error }
            isAtomic = false
            // Where the destination is missing somebody was killed right here, and what is aside is all there is.
            if FileStatus.ofLink(destination) != nil {
                try? Directory.removeFile(aside)
                try Directory.rename(destination, to: aside)
            }
            CrashPoint.reach("aside")
            try Directory.rename(path, to: destination)
        }
        // Left by us, or by one who was killed at it.
        try? Directory.removeFile(aside)
        return isAtomic
    }

    deinit {
        if !isPublished { _ = path.withCString { unlink($0) } }
    }
}

/// Whether flushing is switched off for the whole process: `LARDER_NO_FSYNC=1`, for tests and throw-away machines.
package enum Flushing {
    package static let isOff: Bool = {
        let value = Environment.value("LARDER_NO_FSYNC")
        return value == Array("1".utf8) || value == Array("true".utf8)
    }()
}
