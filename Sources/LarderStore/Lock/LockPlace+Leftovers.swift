internal import Files

extension LockPlace {
    /// Removes the records that dead processes have written but never put in place; returns how many.
    ///
    /// Should one of them live after all, it finds its record gone and writes another.
    @discardableResult
    static func removeDeadRecords(beside place: LockPlace) -> Int {
        let prefix = Array("\(place.name).owner.tmp.".utf8)
        return removeDeadRecords(in: place.directory) { $0.starts(with: prefix) }
    }

    /// Removes what dead processes have left in `locks/` of `store`; returns how many files.
    static func removeLeftovers(in store: Path, mode: LockMode) -> Int {
        let directory = directory(in: store)
        var count = removeDeadRecords(in: directory) { isTemporary($0) }
        let names = (try? Directory.names(in: directory)) ?? []
        for name in names {
            let path = directory.appending(bytes: name)
            let text = String(decoding: name, as: UTF8.self)
            if isSuccession(name[...]) {
                // Old ones only: a young one may be the way of somebody slow.
                guard let found = try? FoundRecord.at(path),
                    Clock.wall.subtracting(saturating: found.renewed) > Leftover.age,
                    found.record?.process.life != .alive
                else { continue }
                if (try? Directory.removeFile(path)) != nil { count += 1 }
            } else if text.hasSuffix(".owner"), let lock = LockName(String(text.dropLast(6))) {
                guard (try? FoundRecord.at(path))??.record?.process.life == .dead else { continue }
                var options = WriterLock.Options()
                options.mode = mode
                // To take it is to remove what was left there.
                if (try? WriterLock.attempt(lock, in: store, options: options)) != nil { count += 1 }
            }
        }
        return count
    }

    private static func removeDeadRecords(in directory: Path, where isMeant: (ArraySlice<UInt8>) -> Bool) -> Int {
        var count = 0
        for name in (try? Directory.names(in: directory)) ?? [] where isMeant(name) {
            let path = directory.appending(bytes: name)
            guard let found = try? FoundRecord.at(path) else { continue }
            let isDead = found.record.map { $0.process.life == .dead } ?? Leftover.isDead(path)
            if isDead, (try? Directory.removeFile(path)) != nil { count += 1 }
        }
        return count
    }
}
