internal import Files

extension EntryStore {
    /// Writes the first part called `name` of the entry of `key` to a file at `path`, whole or not at all, in place of
    /// what was there; says whether there was such an entry and part.
    ///
    /// For parts too long to hold in memory: they pass through a buffer and are verified on the way. The file gets the
    /// permissions of a new one under the umask, and is not flushed. A damaged entry is removed and counts as absent.
    /// Throws where `path` cannot be written; then what was there is as it was.
    public func deliver(_ name: String, of key: EntryKey, to path: Path) throws(StoreError) -> Bool {
        switch open(key) {
        case .miss:
            return false
        case .hit(let entry):
            guard let index = entry.index(of: name) else { return false }
            do throws(SystemError) {
                let target = try TemporaryEntry(beside: path, mode: 0o666)
                do throws(StoreError) {
                    try entry.copy(index, to: target.file)
                } catch {
                    guard error.code == .corrupt else { throw error.underlying ?? SystemError("read", at: path) }
                    discard(key, ifStill: entry.identity)
                    return false
                }
                try target.publish(.none)
                return true
            } catch {
                throw StoreError(error, at: path)
            }
        }
    }
}
