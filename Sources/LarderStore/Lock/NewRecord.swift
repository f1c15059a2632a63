internal import Files

/// A record that this process has written and that has, at any moment, one name: first a temporary one, then the one
/// that it could claim.
///
/// Dropped, it is removed under the name that it has.
struct NewRecord: ~Copyable {
    let record: LockRecord
    private var file: Descriptor
    private var name: OwnedName

    /// Writes `record` beside the lock of `place`.
    ///
    /// - Parameter toleratesFullDisk: a record that found no room stays empty, which is the record of somebody unknown.
    init(_ record: LockRecord, at place: LockPlace, toleratesFullDisk: Bool) throws(SystemError) {
        let name = OwnedName(path: TemporaryEntry.name(beside: place.owner))
        let file = try Self.create(name.path)
        try Self.write(record, to: file, toleratesFullDisk)
        self.record = record
        self.file = file
        self.name = name
    }

    /// Writes `record` under its final name; nil where something has that.
    ///
    /// For a moment the record is empty. That is right only where it proves nothing: under the kernel's lock, on a file
    /// system where everyone can see that.
    static func inPlace(_ record: LockRecord, at place: LockPlace) throws(SystemError) -> Descriptor? {
        let file: Descriptor
        do throws(SystemError) {
            file = try Descriptor(creating: place.owner)
        } catch {
            if error.isPresence { return nil }
            throw error
        }
        CrashPoint.reach("lock_created")
        try write(record, to: file, true)
        return file
    }

    private static func write(
        _ record: LockRecord,
        to file: borrowing Descriptor,
        _ toleratesFullDisk: Bool
    ) throws(SystemError) {
        do throws(SystemError) {
            try file.write(record.encoded())
        } catch {
            guard toleratesFullDisk, error.isOutOfSpace else { throw error }
        }
    }

    private static func create(_ path: Path) throws(SystemError) -> Descriptor {
        do throws(SystemError) {
            return try Descriptor(creating: path)
        } catch {
            guard error.isAbsence else { throw error }
            try Directory.make(path.parent)
            return try Descriptor(creating: path)
        }
    }

    /// Takes the name `destination` if nobody has it; says whether it did.
    mutating func claim(_ destination: Path) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try Fault.check("link", at: destination)
            guard try Directory.claim(destination, with: name.path) else { return false }
        } catch {
            guard error.isWithoutExclusiveNames else { throw error }
            // FAT: to create is the only thing that fails where something is. For a moment the record is empty, which
            // reads as somebody unknown who has just given a sign of life.
            do throws(SystemError) {
                let created = try Descriptor(creating: destination)
                try created.write(record.encoded())
                try? Directory.removeFile(name.path)
                file = created
            } catch {
                if error.isPresence { return false }
                throw error
            }
        }
        name.path = destination
        return true
    }

    /// Takes the name `destination` from whatever has it.
    ///
    /// Only for the one who holds the succession to that.
    mutating func replace(_ destination: Path) throws(SystemError) {
        try Directory.rename(name.path, to: destination)
        name.path = destination
    }

    /// The time by the clock of the file system.
    var moment: Int64 { (try? file.status().identity.modified) ?? Clock.wall }

    /// The open file; it keeps its name.
    consuming func keep() -> Descriptor {
        name.isKept = true
        return file
    }
}

/// A file that is removed with the value unless it is to be kept.
private struct OwnedName: ~Copyable {
    var path: Path
    var isKept = false

    init(path: Path) { self.path = path }

    deinit { if !isKept { try? Directory.removeFile(path) } }
}
