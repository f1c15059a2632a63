internal import Files
internal import LarderStore

/// One of the programs that read PDF files for us, and everything that decides what it makes of a file.
struct Tool: Sendable {
    /// A file or directory that it depends on, and which it was when we looked.
    struct Dependency: Hashable, Sendable {
        let path: Path
        let identity: FileIdentity
    }

    /// Which program.
    enum Name: String, Sendable {
        case pdftotext, pdfinfo, pdffonts, qpdf

        /// The package of Debian that has it.
        var package: String { self == .qpdf ? "qpdf" : "poppler-utils" }
    }

    let path: Path
    /// Nil where it does not say.
    let version: String?
    /// The digest of the program, its libraries and its data; nil where something may decide that we cannot see.
    let digest: Digest?
    let dependencies: [Dependency]

    /// True when none of the files has changed since.
    ///
    /// Asked after each run: results of a program that was replaced meanwhile belong to nobody.
    var isUnchanged: Bool { dependencies.allSatisfy { FileStatus.of($0.path)?.identity == $0.identity } }

    /// The tool of that name in `PATH`.
    static func find(_ name: Name) throws(PDFError) -> Path {
        guard let path = Executable.find(Array(name.rawValue.utf8)) else {
            throw PDFError(
                .unavailable,
                "\(name.rawValue) is not installed; on Debian `apt install \(name.package)` does that, elsewhere look for a "
                    + "package called \(name == .qpdf ? "qpdf" : "poppler, poppler-utils or poppler-tools")"
            )
        }
        guard !path.isAbsolute, let current = try? Directory.current() else { return path }
        return path.resolved(in: current)
    }

    /// What our children see of the environment.
    ///
    /// Nothing that changes what they write, and what they need to find their libraries.
    static let environment: [[UInt8]] = {
        var variables = [Array("LC_ALL=C".utf8), Array("PATH=/usr/local/bin:/usr/bin:/bin".utf8)]
        for name in loaderVariables {
            if let value = Environment.value(name) { variables.append(Array("\(name)=".utf8) + value) }
        }
        return variables
    }()

    static let loaderVariables: [StaticString] = ["LD_LIBRARY_PATH", "LD_PRELOAD"]
}
