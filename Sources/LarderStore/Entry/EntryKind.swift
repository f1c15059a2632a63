/// What an entry of one of Larder's own front ends is; 0 in its header says that a front end does not tell.
///
/// All of them in one place, since the numbers reach the disk: none is ever used for something else. 5 was the digest of one
/// large file, which now is in a table.
package enum EntryKind: UInt8, CaseIterable, Sendable {
    /// The results of one compile command, with what each depends on.
    case manifest = 1
    /// What a compile by gcc or clang gave.
    case object = 2
    /// What is known of a compiler.
    case toolchain = 3
    /// Where a compiler looks for headers.
    case searchPath = 4
    /// What another compiler, a linker or a checker gave.
    case outputs = 6
    /// What a command's ingredients were when it ran last.
    case observation = 16
    /// What a command has named in its dependency files.
    case dependencies = 17
    /// What a command gave.
    case commandResult = 18
    /// What a fingerprint has seen.
    case fingerprint = 19
    /// A value that a script keeps.
    case keyValue = 20
    /// What traces of a command have named.
    case traces = 21
    /// Why the last trace of a command was not kept.
    case doubt = 22
    /// What a PDF file holds, by its identity.
    case documentDigest = 32
    /// What is known of a program that reads PDF files.
    case documentTool = 33
    /// The text of a PDF file.
    case extraction = 34

    /// What it is called in tables and JSON; users' scripts know it.
    package var name: String {
        switch self {
        case .manifest: "manifest"
        case .object: "object"
        case .toolchain: "toolchain"
        case .searchPath: "search_path"
        case .outputs: "outputs"
        case .observation: "run_observation"
        case .dependencies: "run_dependencies"
        case .commandResult: "run_result"
        case .fingerprint: "fingerprint"
        case .keyValue: "kv"
        case .traces: "traces"
        case .doubt: "trace_doubt"
        case .documentDigest: "pdf_digest"
        case .documentTool: "pdf_tool"
        case .extraction: "pdf_text"
        }
    }
}
