internal import Glibc

/// Everything that is in a directory: names, kinds, permissions and bytes.
///
/// Two are equal when nobody could tell the directories apart by looking at their files.
///
/// Names need not be UTF-8.
package struct DirectorySnapshot: Sendable, Equatable {
    package struct Item: Sendable, Equatable {
        /// Type and permissions as stat(2) gives them.
        package var mode: UInt32
        /// The bytes of a file, the target of a link, nothing for all else.
        package var content: [UInt8]

        /// Permissions in octal and the size, for messages.
        package var summary: String { "mode \(String(mode, radix: 8)), \(content.count) bytes" }
    }

    /// What is there, by its path from the directory on; bytes that are not UTF-8 are shown as U+FFFD.
    public private(set) var items: [String: Item] = [:]

    /// Looks at `directory` and all below it.
    package init(of directory: String) {
        Self.visit(Array(directory.utf8CString)) { path, status in
            var content: [UInt8] = []
            switch status.st_mode & S_IFMT {
            case S_IFREG: content = Self.bytes(path)
            case S_IFLNK:
                content = [UInt8](repeating: 0, count: 4096)
                let count = readlink(path, &content, content.count)
                content.removeLast(content.count - max(0, count))
            default: break
            }
            let name = String(
                decoding: path.dropLast().dropFirst(directory.utf8.count + 1).map(UInt8.init(bitPattern:)),
                as: UTF8.self
            )
            items[name] = Item(mode: status.st_mode, content: content)
        }
    }

    /// Leaves out what is called `name` and all that is in it.
    package mutating func removeAll(below name: String) {
        items = items.filter { $0.key != name && !$0.key.hasPrefix(name + "/") }
    }

    /// Removes `directory` and all below it, whatever its names and permissions are.
    package static func remove(_ directory: String) {
        var directories = [Array(directory.utf8CString)]
        chmod(directory, 0o700)
        visit(directories[0]) { path, status in
            if status.st_mode & S_IFMT == S_IFDIR {
                chmod(path, 0o700)
                directories.append(path)
            } else {
                unlink(path)
            }
        }
        for directory in directories.reversed() { rmdir(directory) }
    }

    /// Makes `directory` and the files in it, by their paths from there on, all modified at the same time.
    package static func write(_ files: [String: String], to directory: String, modified seconds: Int) {
        mkdir(directory, 0o755)
        for (name, text) in files {
            for (index, byte) in zip(name.utf8.indices, name.utf8) where byte == 47 {
                mkdir("\(directory)/\(name[..<index])", 0o755)
            }
            let file = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_EXCL, 0o644)
            guard file >= 0 else { continue }
            _ = Glibc.write(file, text, text.utf8.count)
            let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
            futimens(file, times)
            close(file)
        }
    }

    /// Calls `body` for all that is below `directory`, what is in a directory after the directory.
    private static func visit(_ directory: [CChar], _ body: ([CChar], stat) -> Void) {
        guard let stream = opendir(directory) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0)))
                }
            }
            if name == [46] || name == [46, 46] { continue }
            let path = directory.dropLast() + [47] + name + [0]
            var status = stat()
            guard lstat(Array(path), &status) == 0 else { continue }
            body(Array(path), status)
            if status.st_mode & S_IFMT == S_IFDIR { visit(Array(path), body) }
        }
    }

    private static func bytes(_ path: [CChar]) -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var found: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { return found }
            found += buffer[..<count]
        }
    }
}
