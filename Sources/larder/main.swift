internal import CompilerCache
internal import Files

// Before anything else: is this a compile? Most calls are, and each of them counts its microseconds.
Launcher.main()

/// Decides what this call is.
enum Launcher {
    static func main() {
        var words: [[UInt8]] = []
        var next = CommandLine.unsafeArgv
        while let word = next.pointee {
            words.append(Array(UnsafeRawBufferPointer(start: word, count: Environment.length(word))))
            next += 1
        }
        let ourself = FileStatus.of("/proc/self/exe" as Path)?.identity
        guard let called = words.first else { return }
        let name = called.lastIndex(of: UInt8(ascii: "/")).map { Array(called[($0 + 1)...]) } ?? called
        if name != Array("larder".utf8) {
            // A symbolic link with a compiler's name.
            CompilerCache.run(name: name, arguments: Array(words.dropFirst()), ourself: ourself)
        }
        guard let first = CommandLine.unsafeArgv[1], !StoreCommands.claims(first) else { StoreCommands.main() }
        CompilerCache.run(name: words[1], arguments: Array(words.dropFirst(2)), ourself: ourself)
    }
}
