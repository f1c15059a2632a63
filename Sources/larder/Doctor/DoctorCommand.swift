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
        let (flags, others) = (try arguments.settingFlags, ProgramsCheck().findings + EnvironmentCheck().findings)
        let directory: Path
        do throws(Failure) { directory = try arguments.directory() } catch {
            // Without a cache there is nothing else to look at.
            return try report([.invalid(error.message)] + others, in: nil, facts: [], arguments)
        }
        var findings: [Finding] = []
        var known: Settings?
        do throws(SettingsError) {
            let settings = try Settings.load(flags: flags, in: try? Directory.current())
            findings += SettingsCheck(settings).findings + DaemonCheck(settings).findings
            findings += RemoteCheck(settings).findings + SpaceCheck(settings).findings
            known = settings
        } catch {
            findings.append(.invalid(error.description))
        }
        findings += DirectoryCheck(directory, isReadOnly: known?.isReadOnly ?? false).findings
        findings += ResultsCheck(directory).findings + others
        let isVerbose = arguments.has("json") || arguments.has("verbose")
        return try report(
            findings,
            in: directory,
            facts: isVerbose ? Surroundings(directory, known).facts : [],
            arguments
        )
    }

    private static func report(
        _ findings: [Finding],
        in directory: Path?,
        facts: [Surroundings.Fact],
        _ arguments: Arguments
    ) throws(Failure) -> ExitStatus {
        let isWell = findings.allSatisfy { $0.severity == .note }
        guard !arguments.has("json") else {
            let list = findings.map { finding in
                JSON.object([
                    ("severity", .string(finding.severity.rawValue)), ("area", .string(finding.area)),
                    ("sentence", .string(finding.sentence)), ("remedy", .string(finding.remedy)),
                ])
            }
            let known = facts.map { fact in
                JSON.object([
                    ("area", .string(fact.area)), ("name", .string(fact.name)), ("value", .string(fact.value)),
                ])
            }
            try Console.print(JSON.object([("findings", .array(list)), ("facts", .array(known))]).document)
            return isWell ? .success : .failure
        }
        var text = ""
        if !facts.isEmpty { text = TextTable.aligned(facts.map { [$0.area, $0.name, $0.value] }) + "\n" }
        for finding in findings {
            text +=
                "\(finding.severity.rawValue): \(finding.area): \(finding.sentence)\n    what helps: \(finding.remedy)\n"
        }
        let place = Text.shown(directory?.bytes ?? [])
        try Console.print(text + (isWell ? "Nothing is wrong with the cache in \(place).\n" : ""))
        return isWell ? .success : .failure
    }
}
