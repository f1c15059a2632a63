internal import Files

extension AccessReader {
    /// The names of all files that programs whose names begin with `prefix` have opened to read them, and that the tree has not made;
    /// and of all that the tree has made, whether they are still there or not.
    package static func filesOpened(in notes: [Note], by prefix: StaticString) -> (
        read: Set<[UInt8]>, made: Set<[UInt8]>
    ) {
        let prefix = UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
        var (names, made): (Set<[UInt8]>, Set<[UInt8]>) = ([], [])
        var isMeant: [UInt32: Bool] = [:]
        for note in notes {
            switch note.call {
            case .hello: isMeant[note.process] = Path(bytes: note.first).name.starts(with: prefix)
            case .fork: isMeant[UInt32(truncatingIfNeeded: note.value)] = isMeant[note.process]
            case .open where note.error == 0:
                let name = PathNames.tidy(note.first)
                if OpenKind(note.more).writes {
                    made.insert(name)
                } else if isMeant[note.process] == true {
                    names.insert(name)
                }
            case .rename, .link, .symlink: made.insert(PathNames.tidy(note.second))
            default: break
            }
        }
        return (names.subtracting(made), made)
    }
}
