internal import Files
internal import LarderStore

/// A Swift toolchain of links, in which the compilers are scripts that lead here.
///
/// SwiftPM finds libraries, headers, plugins and tools beside the compiler that `SWIFT_EXEC` names, and follows links before
/// it looks: so a compiler's name is a file of its own there, and everything else a link to the toolchain.
struct ToolchainMirror {
    /// `…/usr/bin`.
    let programs: Path

    /// The compilers that lead here.
    private static let compilers = ["swiftc", "clang", "clang++"]

    /// Makes the mirror of the toolchain whose programs are in `toolchain`, or what is missing of it.
    init(of toolchain: Path, in cache: Path) throws(SystemError) {
        guard let ourself = Directory.target(ofLink: "/proc/self/exe") else {
            throw SystemError("readlink", at: "/proc/self/exe")
        }
        var name = KeyBuilder(domain: "toolchain mirror")
        name.add("toolchain", toolchain.bytes)
        name.add("launcher", ourself.bytes)
        let mirror = cache.appending("swift").appending(String(name.finish().description.prefix(16)))
        let root = mirror.appending("usr")
        programs = root.appending("bin")
        try Directory.make(programs)
        for name in try Directory.names(in: toolchain.parent) where !name.elementsEqual("bin".utf8) {
            try ProgramLink.make(root.appending(bytes: Array(name)), to: toolchain.parent.appending(bytes: Array(name)))
        }
        for name in try Directory.names(in: toolchain) {
            let (path, program) = (programs.appending(bytes: Array(name)), toolchain.appending(bytes: Array(name)))
            if Self.compilers.contains(where: { name.elementsEqual($0.utf8) }) {
                try Self.script(path, [ourself, program])
            } else {
                try ProgramLink.make(path, to: program)
            }
        }
    }

    /// Makes a script that becomes the first of `programs`, with the others and its own words behind.
    private static func script(_ path: Path, _ programs: [Path]) throws(SystemError) {
        let words = programs.map { quoted(Array($0.bytes)) }.joined(separator: [32])
        let text = Array("#!/bin/sh\nexec ".utf8) + words + Array(" \"$@\"\n".utf8)
        if let now = try? SmallFile.read(path), now == text { return }
        let new = try TemporaryEntry(beside: path, mode: 0o700)
        try new.file.write(text)
        try new.replace()
    }

    /// The word as a shell takes it for itself.
    private static func quoted(_ word: [UInt8]) -> [UInt8] {
        let parts = word.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
        return [UInt8(ascii: "'")] + parts.joined(separator: "'\\''".utf8) + [UInt8(ascii: "'")]
    }
}
