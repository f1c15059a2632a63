internal import Files
internal import LarderStore

/// What a compiler said, with a mark in the place of each root of the checkout, so that another checkout hears it of its own.
///
/// A compiler names a file by the words of the command and the directories that it searches, so another checkout's compiler
/// would say the same of its own files. That is not so where the length of a name decides what is said, or where a text that
/// was read holds the name itself: then nothing is marked, and the result holds in its place only.
enum MarkedDiagnostics {
    /// `text` with its roots marked; nil where that cannot be done for certain.
    static func of(_ text: [UInt8], _ request: CompileRequest, _ recorder: Recorder) -> [UInt8]? {
        let roots = recorder.context.roots
        guard recorder.choices.marksDiagnostics, !changesLines(request),
            roots.paths.allSatisfy({ $0.allSatisfy(CheckoutRoots.isPlain) }),
            let marked = roots.marked(text), !marked.withUnsafeBytes({ roots.occur(in: $0) }),
            recorder.precompiledHeaders.isEmpty, !request.usesPrecompiledHeader, !namesRoot(recorder)
        else { return nil }
        return marked
    }

    /// True for words that have lines broken, or paths written in a form of their own.
    private static func changesLines(_ request: CompileRequest) -> Bool {
        let known: [StaticString] = [
            "-fmessage-length=0", "-fdiagnostics-color", "-fdiagnostics-color=always", "-fdiagnostics-color=never",
            "-fdiagnostics-color=auto", "-fno-diagnostics-color", "-fcolor-diagnostics", "-fno-color-diagnostics",
            "-fansi-escape-codes", "-fdiagnostics-show-option", "-fno-diagnostics-show-option",
            "-fdiagnostics-show-caret", "-fno-diagnostics-show-caret",
        ]
        return request.words.contains { word in
            (word.hasPrefix("-fmessage-length") || word.hasPrefix("-fdiagnostics") || word.hasPrefix("-fno-diagnostics")
                || word.hasPrefix("-fanalyzer"))
                && !known.contains { word.equals($0) }
        }
    }

    /// True where a text that was read holds the name of a root, or may do so, or may hold words for the compiler.
    private static func namesRoot(_ recorder: Recorder) -> Bool {
        let programs = Set(recorder.toolchain.files.map(\.path))
        for file in recorder.recording.files where file.expectation == .content {
            // A configuration of clang's has words of its own.
            guard let path = recorder.context.path(of: file.path), !Word(path.bytes).hasSuffix(".cfg") else {
                return true
            }
            if programs.contains(Word(path.bytes)) { continue }
            guard let bytes = try? RegularFile.bytes(of: path, limit: 1 << 26), Digest.of(bytes) == file.digest,
                !bytes.withUnsafeBytes({ recorder.context.roots.occur(in: $0) })
            else { return true }
        }
        return false
    }
}
