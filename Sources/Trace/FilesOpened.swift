internal import Files

/// What some programs, and nobody else, did with files by their names.
package struct FilesOpened: Sendable {
    /// The names of all that they have opened to read it, and that the tree has not made.
    package var read: Set<[UInt8]> = []
    /// The names of all that the tree has made, whether it is still there or not.
    package var made: Set<[UInt8]> = []
    /// How often each was opened, and how often it was looked at without that.
    package var opens: [[UInt8]: Int] = [:]
    package var looks: [[UInt8]: Int] = [:]
}

extension AccessReader {
    /// - Parameter prefix: how the names of the programs begin.
    package static func filesOpened(in notes: [Note], by prefix: StaticString) -> FilesOpened {
        let prefix = UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
        return filesOpened(in: notes) { Path(bytes: $0).name.starts(with: prefix) }
    }

    /// What all programs but compilers and their parts did with files.
    package static func filesOpenedByOthers(in notes: [Note]) -> FilesOpened {
        filesOpened(in: notes) { !KnownPrograms.ignoreTimes($0) && !KnownPrograms.isPart($0) }
    }

    private static func filesOpened(in notes: [Note], by isProgramMeant: ([UInt8]) -> Bool) -> FilesOpened {
        var files = FilesOpened()
        var isMeant: [UInt32: Bool] = [:]
        for note in notes {
            switch note.call {
            case .hello: isMeant[note.process] = isProgramMeant(note.first)
            case .fork: isMeant[note.process] = isMeant[UInt32(truncatingIfNeeded: note.value)]
            case .open where note.error == 0:
                let name = PathNames.tidy(note.first)
                if OpenKind(note.more).writes {
                    files.made.insert(name)
                } else if isMeant[note.process] == true {
                    files.read.insert(name)
                    files.opens[name, default: 0] += 1
                }
            case .stat where note.error == 0 && isMeant[note.process] == true:
                files.looks[PathNames.tidy(note.first), default: 0] += 1
            case .rename, .link, .symlink: files.made.insert(PathNames.tidy(note.second))
            default: break
            }
        }
        files.read.subtract(files.made)
        return files
    }
}
