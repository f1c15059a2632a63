internal import Files
internal import LarderStore
internal import Terminal

/// Settings that turn the cache off, name what is not there, or count for nothing.
struct SettingsCheck {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    var findings: [Finding] { switches + paths + contradictions + ignored }

    private func warning(_ key: SettingKey, _ sentence: String, remedy: String? = nil) -> Finding {
        let source = settings.source(of: key)
        let place = "\(key.name) (set by \(source))"
        return Finding(.warning, "settings", "\(place) \(sentence)", remedy: remedy ?? Self.undo(key, source))
    }

    /// How a setting is taken back where it was made.
    private static func undo(_ key: SettingKey, _ source: Settings.Source) -> String {
        switch source {
        case .environment(let variable): "unset \(variable)"
        case .file(let path): "take the line '\(key.name) = ...' out of \(Text.shown(path.bytes))"
        case .flag, .builtin: "leave it out"
        }
    }

    private var switches: [Finding] {
        var findings: [Finding] = []
        if settings.isDisabled { findings.append(warning(.disable, "is on: nothing is cached")) }
        if settings.isReadOnly {
            // As on a build machine that only takes.
            var finding = warning(.readOnly, "is on: nothing is stored")
            finding.severity = .note
            findings.append(finding)
        }
        if settings.recache { findings.append(warning(.recache, "is on: nothing is looked up")) }
        return findings
    }

    private var paths: [Finding] {
        var findings: [Finding] = []
        if let log = settings.log {
            let status = FileStatus.of(log)
            if let status, status.kind != .regular {
                findings.append(warning(.log, "is \(Text.shown(log.bytes)), which is no regular file"))
            } else if status != nil ? !Directory.isWritable(log) : !Directory.isWritable(log.parent) {
                findings.append(warning(.log, "is \(Text.shown(log.bytes)), which cannot be written"))
            }
        }
        let bases = settings.value(of: .baseDirectory)
        for base in bases.split(separator: ":")
        where base != "auto" && FileStatus.of(Path(bytes: Array(base.utf8))) == nil {
            findings.append(warning(.baseDirectory, "names \(Text.shown(base.utf8)), which is not there"))
        }
        if let prefix = settings.prefixCommand.first, Executable.find(prefix) == nil {
            findings.append(warning(.prefixCommand, "names \(Text.shown(prefix)), which is no command here"))
        }
        for input in settings.extraInputs where FileStatus.of(input)?.kind != .regular {
            findings.append(
                warning(.extraInputs, "names \(Text.shown(input.bytes)), which is no file that can be read")
            )
        }
        return findings
    }

    /// Settings that take each other's effect, and values that another place's outdoes.
    private var contradictions: [Finding] {
        var findings: [Finding] = []
        if settings.recache, settings.isReadOnly {
            findings.append(warning(.recache, "and read_only are both on: nothing is looked up and nothing is stored"))
        }
        if settings.lockMode == .advisory, let name = FileSystem.withoutTrustedLocks(settings.directory) {
            findings.append(warning(.lockMode, "is advisory, and \(name) has no locks that reach everybody"))
        }
        if settings.verifiedShare > 0, settings.isReadOnly || settings.isDisabled {
            findings.append(warning(.verifyHits, "has no effect: hits are made again only where results are stored"))
        }
        for key in SettingKey.allCases {
            guard let (winner, others) = settings.outdone(key) else { continue }
            let places = others.map { Text.shown($0.description.utf8) }.joined(separator: " and ")
            findings.append(
                Finding(
                    .note,
                    "settings",
                    "\(key.name) by \(winner) counts, and not what \(places) says",
                    remedy: "larder config shows the value that counts; take the other out if it is not meant"
                )
            )
        }
        return findings
    }

    private var ignored: [Finding] {
        settings.ignoredLines.map { line in
            Finding(
                .warning,
                "settings",
                "line \(line.number) of \(line.path) sets \"\(Text.shown(line.key.utf8))\", which "
                    + (line.isUnknown ? "is no setting" : "a project's file may not set"),
                remedy: "take the line out; 'larder config' shows the settings that there are"
            )
        }
    }
}
