internal import Files
internal import LarderStore

/// A Swift toolchain of links, in which the compilers lead here and everything else to the toolchain itself.
///
/// SwiftPM finds libraries, headers, plugins and tools beside the compiler that `SWIFT_EXEC` names, so that a link to this
/// program anywhere else would leave it without them.
struct ToolchainMirror {
    /// `…/usr/bin`.
    let programs: Path

    /// The compilers that lead here.
    private static let compilers = ["swiftc", "clang", "clang++"]
    /// What tells the real toolchain to a compiler that is called in a mirror.
    private static let witness = "swift-frontend"

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
            try Self.link(root.appending(bytes: Array(name)), to: toolchain.parent.appending(bytes: Array(name)))
        }
        for name in try Directory.names(in: toolchain) {
            let isCompiler = Self.compilers.contains { name.elementsEqual($0.utf8) }
            let target = isCompiler ? ourself : toolchain.appending(bytes: Array(name))
            try Self.link(programs.appending(bytes: Array(name)), to: target)
        }
    }

    /// Makes a link, at once in the place of another one; one that is right already stays.
    private static func link(_ path: Path, to target: Path) throws(SystemError) {
        if Directory.target(ofLink: path) == target { return }
        let new = TemporaryEntry.name(beside: path)
        try Directory.makeLink(new, to: target)
        try Directory.rename(new, to: path)
    }

    /// The toolchain's own program where this one was called by its link in a mirror; nil elsewhere.
    static func program(behind called: [UInt8]) -> [UInt8]? {
        guard called.contains(UInt8(ascii: "/")) else { return nil }
        let link = Path(bytes: called)
        guard let frontend = Directory.target(ofLink: link.parent.appending(witness)), frontend.isAbsolute else {
            return nil
        }
        return Array(frontend.parent.appending(bytes: link.name).bytes)
    }
}
