internal import Files
internal import LarderStore

/// Where and how a compiler is called: what a result's conditions are about, besides files.
///
/// Each is found out only when a condition asks: most hits ask for none.
struct CompileContext: Sendable {
    let roots: CheckoutRoots
    /// What the user wants to have written about dependencies.
    let dependencies: DependencyRequest?
    let command: CompileCommand
    let environment: CompileEnvironment
    /// What the launcher found out about itself, in a process that works for it; no bytes in the launcher.
    var terminalBefore: Word = []
    var assemblerBefore: Word = []

    /// What holds here; nil where nothing of the kind does.
    func value(of kind: Manifest.Condition.Kind) -> Digest? {
        switch kind {
        case .place: location
        case .terminal: terminalBefore.isEmpty ? terminal : Digest(bytes: terminalBefore)
        case .epoch: environment.epoch.map { Digest.of($0) }
        case .dependencyFile: dependencyFile
        case .program: assemblerBefore.isEmpty ? assembler : Digest(bytes: assemblerBefore)
        // A candidate's own.
        case .directories: nil
        }
    }

    private var location: Digest {
        var key = KeyBuilder(domain: "place")
        for root in roots.paths { key.add("root", root) }
        key.add("directory", command.directory.bytes)
        key.add("logical directory", environment.logicalDirectory)
        return key.finish().digest
    }

    private var terminal: Digest {
        var key = KeyBuilder(domain: "terminal")
        for stream in [Terminal.output, Terminal.error] {
            key.add("is terminal", stream.isTerminal ? 1 : 0)
            key.add("columns", Int64(stream.columns))
        }
        for variable in environment.effectivePresentation { key.add("variable", variable) }
        return key.finish().digest
    }

    private var dependencyFile: Digest {
        var key = KeyBuilder(domain: "dependency file")
        key.add("place", location.bytes)
        if let request = dependencies {
            for target in request.targets { key.add(target.isQuoted ? "quoted" : "target", target.text) }
            key.add("phony", request.addsPhonyTargets ? 1 : 0)
        }
        return key.finish().digest
    }

    /// The assembler that `PATH` leads to now.
    private var assembler: Digest? {
        ProgramSearch.find(Word("as")).map { Digest.of(Array($0.bytes)) }
    }

    /// The file that a stored path means here, or nil where it is relative to a root that is not ours.
    func path(of stored: Manifest.StoredPath) -> Path? {
        if stored.mark == 0 { return Path(bytes: stored.text) }
        return roots.path(of: stored.mark).map { Path(bytes: $0 + stored.text) }
    }

    /// A path as it is stored.
    func stored(_ path: Word) -> Manifest.StoredPath {
        let (mark, rest) = roots.split(path)
        return .init(mark: mark, text: Word(rest))
    }
}
