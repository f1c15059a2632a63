internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Looks for what keeps the cache from working.
    static let doctor = Command(
        name: "doctor",
        summary: "Look for what keeps the cache from working, and say what helps",
        discussion: """
            Looks at the cache directory and its file system, space, settings in all their places, the daemon, the trace library,
            compilers and links in PATH, variables that name other caches or no setting, results that
            differed when they were made again, and the clock. Each finding comes with a remedy.
            Changes nothing and starts nothing. With --verbose, what was looked at comes first: the file system and what it can,
            compilers and links in the order of PATH and whether each can be traced, other caches. The exit status is 0 where there is nothing but notes, and else 1.
            """,
        options: [
            json, Option(name: "verbose", short: "v", summary: "Show what was looked at, too"),
        ],
        run: runDoctor
    )

    private static func runDoctor(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        var findings: [Finding] = []
        let (directory, flags) = (try arguments.directory(), try arguments.settingFlags)
        var known: Settings?
        do throws(SettingsError) {
            let settings = try Settings.load(flags: flags, in: try? Directory.current())
            findings += SettingsCheck(settings).findings + DaemonCheck(settings).findings
            findings += RemoteCheck(settings).findings + SpaceCheck(settings).findings
            known = settings
        } catch {
            findings.append(
                Finding(.error, "settings", error.description, remedy: "correct that, then run larder doctor again")
            )
        }
        findings +=
            DirectoryCheck(directory, isReadOnly: known?.isReadOnly ?? false).findings
            + ResultsCheck(directory).findings
            + ProgramsCheck().findings
            + EnvironmentCheck().findings
        let isWell = findings.allSatisfy { $0.severity == .note }
        guard !arguments.has("json") else {
            let list = findings.map { finding in
                JSON.object([
                    ("severity", .string(finding.severity.rawValue)), ("area", .string(finding.area)),
                    ("sentence", .string(finding.sentence)), ("remedy", .string(finding.remedy)),
                ])
            }
            let facts = Surroundings(directory, known).facts.map { fact in
                JSON.object([
                    ("area", .string(fact.area)), ("name", .string(fact.name)), ("value", .string(fact.value)),
                ])
            }
            try Console.print(JSON.object([("findings", .array(list)), ("facts", .array(facts))]).document)
            return isWell ? .success : .failure
        }
        var text = ""
        if arguments.has("verbose") {
            let facts = Surroundings(directory, known).facts
            text = TextTable.aligned(facts.map { [$0.area, $0.name, $0.value] }) + "\n"
        }
        for finding in findings {
            text +=
                "\(finding.severity.rawValue): \(finding.area): \(finding.sentence)\n    what helps: \(finding.remedy)\n"
        }
        try Console.print(text + (isWell ? "Nothing is wrong with the cache in \(Text.shown(directory.bytes)).\n" : ""))
        return isWell ? .success : .failure
    }
}
