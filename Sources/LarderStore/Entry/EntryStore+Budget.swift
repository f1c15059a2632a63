internal import Files

extension EntryStore {
    /// Makes sure of the directory and its format, and asks about the file system that holds it.
    func prepare() throws(StoreError) -> FileSystem {
        if try !StoreFormat.isPresent(in: directory) { try StoreFormat.write(in: directory) }
        do throws(SystemError) {
            return try FileSystem.of(directory)
        } catch {
            throw StoreError(error, at: directory)
        }
    }

    func makeRoom(on fileSystem: FileSystem) throws(StoreError) {}
    func account(for publication: Publication, on fileSystem: FileSystem) {}
}
