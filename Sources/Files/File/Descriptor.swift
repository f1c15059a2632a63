internal import CLinux
internal import Glibc

/// An open file descriptor with one owner; closed on every way out.
package struct Descriptor: ~Copyable, Sendable {
    /// The number that the kernel knows.
    package let raw: CInt

    /// Takes ownership of `raw`.
    package init(owning raw: CInt) { self.raw = raw }

    /// Opens the file at `path`; close-on-exec is always set.
    package init(opening path: Path, _ flags: CInt, mode: UInt32 = 0o600) throws(SystemError) {
        if flags & O_CREAT != 0, AdoptedDirectory.owner(of: path) != nil {
            self.init(owning: try Self.openForOwner(path, flags, mode))
            return
        }
        let raw = path.withCString { larder_open($0, flags, mode) }
        guard raw >= 0 else { throw SystemError("open", at: path) }
        self.init(owning: raw)
    }

    /// Opens a file that is another user's if it has to be made; one that is there, whatever it leads to, keeps its owner.
    private static func openForOwner(_ path: Path, _ flags: CInt, _ mode: UInt32) throws(SystemError) -> CInt {
        for _ in 0..<16 {
            let made = path.withCString { larder_open($0, flags | O_EXCL, mode) }
            if made >= 0 {
                AdoptedDirectory.settle(path, made)
                return made
            }
            guard errno == EEXIST, flags & O_EXCL == 0 else { break }
            let found = path.withCString { larder_open($0, flags & ~O_CREAT, mode) }
            if found >= 0 { return found }
            guard errno == ENOENT else { break }
        }
        throw SystemError("open", at: path)
    }

    deinit { _ = Glibc.close(raw) }

    /// Hands the descriptor to somebody else, who closes it.
    package consuming func release() -> CInt {
        let raw = self.raw
        discard self
        return raw
    }

    /// Closes now and reports what `deinit` cannot: a write that only failed at close.
    package consuming func close() throws(SystemError) {
        let raw = self.raw
        discard self
        guard Glibc.close(raw) == 0 || errno == EINTR else { throw SystemError("close") }
    }

    /// Another descriptor of the same open file.
    package func duplicate() throws(SystemError) -> Descriptor {
        let copy = larder_duplicate(raw)
        guard copy >= 0 else { throw SystemError("fcntl") }
        return Descriptor(owning: copy)
    }

    /// Identity, kind and size of the open file.
    package func status() throws(SystemError) -> FileStatus {
        var information = stat()
        guard larder_fstat(raw, &information) == 0 else { throw SystemError("fstat") }
        return FileStatus(information)
    }

    /// Reads up to `buffer.count` bytes at the current position; 0 at the end of the file.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let count = Glibc.read(raw, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            // A pipe may have nothing to read for ever.
            guard errno == EINTR, larder_interruption() == 0 else { throw SystemError("read") }
        }
    }

    /// Fills `buffer` from the current position; returns fewer bytes only at the end of the file.
    package func readFully(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Everything from the current position to the end, but at most `limit` bytes; without a limit, fails where there is
    /// more than a GiB.
    ///
    /// `expected` is a hint that saves a second read: pass the file's size where it is known. A file may claim any size, so
    /// no more than ``piece`` is made room for before it is there.
    package func readAll(expected: Int) throws(SystemError) -> [UInt8] {
        let bytes = try readAll(expected: expected, limit: Self.largest + 1)
        guard bytes.count <= Self.largest else { throw .tooLong }
        return bytes
    }

    /// Everything from the current position to the end, but at most `limit` bytes.
    package func readAll(expected: Int, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var want = min(max(expected, 0), limit, Self.piece)
        while true {
            let start = bytes.count
            // One byte more than expected, so that the end is seen without another call.
            let room = min(want + 1, limit - start)
            if room <= 0 { return bytes }
            var failure: SystemError?
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                do throws(SystemError) {
                    count = try readFully(into: UnsafeMutableRawBufferPointer(buffer))
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            if start == 0 { bytes = chunk } else { bytes += chunk }
            if chunk.count < room { return bytes }
            want = min(max(bytes.count, 1 << 16), Self.piece)
        }
    }

    private static let (piece, largest) = (1 << 28, 1 << 30)

    /// Writes every byte.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(raw, rest.baseAddress, rest.count)
            if count < 0 {
                guard errno == EINTR else { throw SystemError("write") }
                continue
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Writes every byte of an array.
    package func write(_ bytes: [UInt8]) throws(SystemError) {
        let failure = bytes.withUnsafeBytes { buffer -> SystemError? in
            do throws(SystemError) { try write(buffer) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    /// Moves the position to `offset` bytes from the start.
    package func seek(to offset: Int) throws(SystemError) {
        guard lseek(raw, off_t(offset), SEEK_SET) >= 0 else { throw SystemError("lseek") }
    }

    /// Makes the file `length` bytes long; the position stays.
    package func truncate(to length: Int) throws(SystemError) {
        guard ftruncate(raw, off_t(length)) == 0 else { throw SystemError("ftruncate") }
    }

    /// Flushes data, and the metadata that is needed to read it, to the disk.
    package func flush() throws(SystemError) {
        while fdatasync(raw) != 0 {
            guard errno == EINTR else { throw SystemError("fdatasync") }
        }
    }
}
