internal import Files
internal import LarderStore
internal import Terminal
internal import Trace

/// What `--version` says: one line, or with `--verbose` all that a report of a defect should name.
enum VersionReport {
    static func text(_ words: ArraySlice<[UInt8]>) throws(Failure) -> String {
        let line = "larder \(Version.text)\n"
        guard let word = words.first else { return line }
        guard words.count == 1, word.elementsEqual("--verbose".utf8) else {
            throw Failure(
                status: .usage,
                message: "--version takes --verbose and nothing else, but \(Text.shown(words.last ?? word)) was given"
            )
        }
        return line
            + TextTable.aligned([
                ["target", ProgramBuild.target + (ProgramBuild.isStatic ? ", static" : ", dynamic") + kind],
                ["built with", builtWith],
                ["start", start],
                ["Swift runtime", runtime],
                ["checksums", checksums],
                ["SHA-256", digests],
                ["larderd", state(of: "larderd", without: "what misses is stored before the launcher ends")],
                ["larder-jdk", state(of: "larder-jdk", without: "there is no 'larder jdk'")],
                ["larder-pdf", state(of: "larder-pdf", without: "there is no 'larder pdf'")],
                ["larder-remote", state(of: "larder-remote", without: "remote caches are not used")],
                ["trace library", traceLibrary],
            ])
    }

    private static var kind: String {
        #if DEBUG
        ", for tests"
        #else
        ""
        #endif
    }

    private static var builtWith: String {
        [
            "Swift " + (ProgramBuild.swift ?? "of a version that was not noted"), ProgramBuild.compiler,
            ProgramBuild.libraryBuiltWith.map { "glibc \($0)" },
        ].compactMap { $0 }.joined(separator: ", ")
    }

    // MARK: - What is in use here

    /// Of ProgramStart.c.
    private static var start: String {
        if ProgramBuild.isStatic, ProgramBuild.hasOwnStart {
            return "Larder's own: the C library does not ask the processor what it is"
        }
        let usual = "the C library's: "
        guard ProgramBuild.isStatic else {
            return usual + "a dynamic program" + (ProgramBuild.library.map { ", with glibc \($0)" } ?? "")
        }
        #if arch(x86_64)
        guard ProgramBuild.wantsOwnStart else { return usual + "not built by 'make build'" }
        let library = ProgramBuild.libraryBuiltWith.map { "glibc \($0)" } ?? "another C library than glibc"
        return usual + "Larder's own is made for glibc 2.36, and this program has \(library)"
        #else
        return usual + "Larder's own is made for x86_64"
        #endif
    }

    /// Of StartUp.c.
    private static var runtime: String {
        ProgramBuild.isStatic
            ? "starts without reading /proc/self/maps and without looking for a backtracer"
            : "starts as usual: a library of its own"
    }

    private static var checksums: String {
        ProgramBuild.usesWideVectors
            ? "with vectors of 256 bits (AVX2)"
            : "as every processor computes them: there is no AVX2 here, or the system does not keep its registers"
    }

    private static var digests: String {
        ProgramBuild.usesDigestInstructions
            ? "by instructions of the processor"
            : "as every processor computes it: there are no instructions for SHA-256 here"
    }

    // MARK: - What is installed

    private static func state(of name: String, without consequence: String) -> String {
        guard let program = Neighbour.program(named: name) else { return "cannot be found: /proc is not mounted" }
        if FileStatus.of(program)?.kind == .regular { return "\(program)" }
        return "not installed (\(program) is not there): \(consequence)"
    }

    private static var traceLibrary: String {
        let consequence = "what only a trace explains is not cached"
        if let library = PreloadLibrary() { return "\(library.path)" }
        let places = PreloadLibrary.places
        if places.isEmpty { return "cannot be found, because /proc is not mounted: \(consequence)" }
        if let place = places.first(where: { FileStatus.of($0)?.kind == .regular }) {
            return "not used, because no name with a space, a colon or a dollar can be given to the loader (\(place)): "
                + consequence
        }
        let names = places.map { "\($0)" }.joined(separator: ", ")
        return "not installed (looked for \(names)): \(consequence)"
    }
}
