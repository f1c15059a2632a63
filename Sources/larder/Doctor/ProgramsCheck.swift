internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal
internal import Trace

/// Compilers and links in PATH, and the library that traces compiles.
struct ProgramsCheck {
    var findings: [Finding] {
        var findings = traceLibrary
        var isAnyThere = false
        for name in PathEntry.compilerNames {
            let entries = PathEntry.all(name)
            if entries.contains(where: { $0.cache == nil && !$0.isBroken }) { isAnyThere = true }
            findings += Self.findings(name, entries)
        }
        if !isAnyThere {
            findings.append(
                Finding(
                    .warning,
                    "compilers",
                    "no compiler is in PATH",
                    remedy: "add the directory of a compiler to PATH"
                )
            )
        }
        return findings
    }

    private var traceLibrary: [Finding] {
        guard PreloadLibrary() == nil else { return [] }
        return [
            Finding(
                .warning,
                "trace library",
                "liblarder-trace.so is not beside larder: what only a trace explains is not cached",
                remedy: "install it beside larder; 'make build-trace' makes it"
            )
        ]
    }

    private static func findings(_ name: String, _ entries: [PathEntry]) -> [Finding] {
        func warn(_ sentence: String, _ remedy: String) -> Finding {
            Finding(.warning, "links", sentence, remedy: remedy)
        }
        var findings: [Finding] = []
        for entry in entries where entry.isBroken {
            findings.append(warn("\(entry.path) is a link that leads nowhere", "rm \(entry.path)"))
        }
        let whole = entries.filter { !$0.isBroken }
        guard let link = whole.firstIndex(where: { $0.isLarder }) else { return findings }
        if let compiler = whole.firstIndex(where: { $0.cache == nil }), compiler < link {
            let directory = Text.shown(whole[link].path.parent.bytes)
            findings.append(
                warn(
                    "\(whole[link].path) is a link to larder, but \(whole[compiler].path) comes before it in PATH",
                    "export PATH=\(directory):$PATH"
                )
            )
        }
        if let other = whole.firstIndex(where: { $0.cache != nil && !$0.isLarder }), other < link {
            findings.append(
                warn(
                    "\(whole[other].path) leads to \(whole[other].cache ?? ""), which comes before larder in PATH",
                    "take \(Text.shown(whole[other].path.parent.bytes)) out of PATH"
                )
            )
        }
        if !whole.contains(where: { $0.cache == nil }) {
            findings.append(
                warn(
                    "\(whole[link].path) is a link to larder, and no \(name) is in PATH",
                    "add the directory of \(name) to PATH, or rm \(whole[link].path)"
                )
            )
        }
        return findings
    }
}
