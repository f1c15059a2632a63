package import Files

/// Writes a plan to the project, and takes back what was written; one process at a time.
package struct SetupChange: ~Copyable {
    private let project: ProjectDirectory
    private let place: SetupRecordPlace
    private let lock: DirectoryLock

    /// Waits until nobody else changes the project in `directory`.
    package init(in directory: Path) throws(SetupProblem) {
        let project = try ProjectDirectory(directory)
        lock = try Self.locked(project.path)
        place = SetupRecordPlace(in: project)
        self.project = project
    }

    private static func locked(_ path: Path) throws(SetupProblem) -> DirectoryLock {
        do throws(SystemError) { return try DirectoryLock(on: path) } catch {
            throw SetupProblem("\(path) cannot be locked: \(error)")
        }
    }

    /// Whether something is noted that ``undo()`` would take back.
    package static func isRecorded(in directory: Path) -> Bool {
        guard let project = try? ProjectDirectory(directory) else { return false }
        return FileStatus.ofLink(SetupRecordPlace(in: project).file) != nil
    }

    // MARK: - Applying

    /// Makes the edits of `plan`, all or none.
    package func apply(_ plan: SetupPlan) throws(SetupProblem) {
        if plan.edits.isEmpty { return }
        let before = try place.read()
        let record = note(plan.edits, in: before ?? SetupRecord())
        do throws(SystemError) { try place.write(record) } catch {
            try? place.remove(unless: before)
            throw SetupProblem("\(place.file) cannot be written, so nothing is changed: \(error)")
        }
        CrashPoint.reach("init-noted")
        var done: [FileEdit] = []
        do throws(SetupProblem) {
            for edit in plan.edits {
                let file = try project.file(edit.name)
                guard file.content == edit.before else {
                    throw SetupProblem("\(file.place) has changed meanwhile; run this again")
                }
                try write(edit.after, to: file)
                done.append(edit)
                CrashPoint.reach("init-changed")
            }
        } catch {
            for edit in done.reversed() {
                let file = try project.file(edit.name)
                if let content = edit.before { try write(content, to: file) } else { try remove(file) }
            }
            for name in record.directories where before?.directories.contains(name) != true {
                Directory.removeIfEmpty(project.path.appending(name))
            }
            try? place.remove(unless: before)
            throw SetupProblem("\(error); nothing is changed")
        }
    }

    /// The record with `edits`.
    ///
    /// A file that is as it was left keeps what it was before that; one that somebody has edited since is noted once more, so
    /// that it is first made what it was after that edit.
    private func note(_ edits: [FileEdit], in record: SetupRecord) -> SetupRecord {
        var record = record
        for edit in edits {
            var new = SetupRecord.File(name: edit.name, before: edit.before, after: edit.after)
            if let index = record.files.lastIndex(where: { $0.name == edit.name }),
                record.files[index].after == edit.before || record.files[index].before == edit.before
            {
                new.before = record.files[index].before
                record.files[index] = new
            } else {
                record.files.append(new)
            }
            guard let slash = edit.name.firstIndex(of: "/") else { continue }
            let directory = String(edit.name[..<slash])
            if !project.has(directory), !record.directories.contains(directory) { record.directories.append(directory) }
        }
        return record
    }

    // MARK: - Taking back

    /// What became of each file.
    package struct Undone: Sendable {
        /// Files that are as they were again.
        package var restored: [String] = []
        /// Files that were made and are gone.
        package var removed: [String] = []
        /// Files that somebody has edited since, with the lines that were put into them.
        package var kept: [(path: Path, lines: [UInt8])] = []

        /// What kept files from being looked at or changed; they stay noted.
        package var problems: [SetupProblem] = []

        package var isNothing: Bool { restored.isEmpty && removed.isEmpty && kept.isEmpty && problems.isEmpty }
    }

    /// Takes back what was done; a file that was edited since is left as it is, and stays noted.
    package func undo() throws(SetupProblem) -> Undone {
        var undone = Undone()
        guard let record = try place.read() else {
            try finish(SetupRecord())
            return undone
        }
        var rest = SetupRecord()
        for file in record.files.reversed() {
            do throws(SetupProblem) {
                if try !takeBack(file, &undone) { rest.files.insert(file, at: 0) }
            } catch {
                undone.problems.append(error)
                rest.files.insert(file, at: 0)
            }
        }
        for name in record.directories where !Directory.removeIfEmpty(project.path.appending(name)) {
            if !rest.files.isEmpty { rest.directories.append(name) }
        }
        try finish(rest)
        return undone
    }

    /// Says false where the file holds what we have put there and somebody else's words.
    private func takeBack(_ file: SetupRecord.File, _ undone: inout Undone) throws(SetupProblem) -> Bool {
        let present = try project.file(file.name)
        sweep(beside: present)
        guard let content = present.content, content != file.before else { return true }
        if content == file.after {
            if let before = file.before {
                try write(before, to: present)
                undone.restored.append(file.name)
            } else {
                try remove(present)
                undone.removed.append(file.name)
            }
            CrashPoint.reach("init-restored")
            return true
        }
        guard Self.mentionsUs(content) else { return true }
        undone.kept.append((present.place, Array(LineDiff.added(from: file.before, to: file.after).joined())))
        return false
    }

    /// All that is ever put into a file names us; where nothing does any more, the user has taken it out.
    private static func mentionsUs(_ content: [UInt8]) -> Bool {
        ByteSearch.contains(content, "larder") || ByteSearch.contains(content, "Larder")
            || ByteSearch.contains(content, "base_dir = auto")
    }

    private func finish(_ rest: SetupRecord) throws(SetupProblem) {
        do throws(SystemError) {
            if rest.isEmpty { try place.remove() } else { try place.write(rest) }
        } catch { throw SetupProblem("\(place.file) cannot be changed: \(error)") }
    }

    // MARK: - Files

    /// Replaces the file at once and whole; it keeps its permissions and its group.
    private func write(_ content: [UInt8], to file: ProjectFile) throws(SetupProblem) {
        do throws(SystemError) {
            let status = FileStatus.of(file.place)
            if status == nil { try Directory.make(file.place.parent, mode: 0o755) }
            let entry = try TemporaryEntry(beside: file.place, mode: 0o644)
            try entry.file.write(content)
            if let status { Directory.setPermissions(status.mode & 0o7777, group: status.group, of: entry.path) }
            CrashPoint.reach("init-replacing")
            try entry.publish(.synced)
        } catch { throw SetupProblem("\(file.place) cannot be written: \(error)") }
    }

    private func remove(_ file: ProjectFile) throws(SetupProblem) {
        do throws(SystemError) { try Directory.removeFile(file.place) } catch {
            throw SetupProblem("\(file.place) cannot be removed: \(error)")
        }
    }

    /// Removes what somebody has left beside `file` who was killed; nobody else is at it now.
    private func sweep(beside file: ProjectFile) {
        let prefix = Array(file.place.name) + Array(".tmp.".utf8)
        for name in (try? Directory.names(in: file.place.parent)) ?? []
        where name.starts(with: prefix) && Leftover.maker(ofTemporary: name) != nil {
            try? Directory.removeFile(file.place.parent.appending(bytes: name))
        }
    }
}

extension SetupRecordPlace {
    /// Has the record be what it was.
    fileprivate func remove(unless before: SetupRecord?) throws(SystemError) {
        if let before { try write(before) } else { try remove() }
    }
}
