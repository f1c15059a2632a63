internal import CommandCache
internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Tells a script whether it has anything to do.
    static let fingerprint = Command(
        name: "fingerprint",
        summary: "Say whether anything has changed since a script last succeeded",
        discussion: """
            `check` ends with 0 when there is something to do, with 1 when nothing has changed since the last success,
            and with 2 when that cannot be told. `mark-success` says that all went well for what the last check saw: a
            change between the two counts as one. After `mark-failure` the next check says 0, whatever it sees.

            NAME stands for the same thing in every directory, or with --cwd in this one only. `mark-…` takes the same
            options, so that a script can repeat them, but looks at no input.

              if larder fingerprint check docs --input 'docs/**' --cwd; then
                  make docs && larder fingerprint mark-success docs --cwd
              fi
            """,
        forms: ["check NAME", "mark-success NAME", "mark-failure NAME"],
        choices: [["check", "mark-success", "mark-failure"]],
        operands: 0...2,
        options: [
            Option(
                name: "input",
                short: "i",
                value: "PATH",
                summary: "A file, directory or pattern, as in `larder run`"
            ),
            Option(name: "env", short: "e", value: "NAME", summary: "An environment variable that counts"),
            Option(name: "cwd", summary: "NAME belongs to the working directory"), json, lockTimeout,
        ],
        run: runFingerprint
    )

    private static func runFingerprint(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let words = arguments.operands
        guard words.count == 2, !words[1].isEmpty, words[1].count <= 256 else {
            throw Failure(usage: "'fingerprint' takes check, mark-success or mark-failure, and a NAME", .fingerprint)
        }
        let settings = try arguments.settings()
        var directory: Path?
        if arguments.has("cwd") {
            do { directory = try Directory.current() } catch {
                throw Failure(status: .usage, message: "the working directory cannot be named: \(error)")
            }
        }
        let fingerprint = Fingerprint(
            words[1],
            inputs: try arguments.names("input"),
            variables: try arguments.variables(),
            directory: directory,
            settings: settings
        )
        let name = Text.shown(words[1])
        switch Text.shown(words[0]) {
        case "check": return try check(fingerprint, name, arguments)
        case "mark-success":
            if try marking(fingerprint, { (one) throws(StoreError) in try one.markSuccess() }) == .withoutCheck {
                Console.complain("warning: nothing was checked as '\(name)', so the next check runs")
            }
        case "mark-failure":
            _ = try marking(fingerprint) { (one) throws(StoreError) in
                try one.markFailure()
                return .done
            }
        case let word: throw Failure(usage: "unknown argument '\(word)'", .fingerprint)
        }
        if arguments.has("json") { try Console.print(JSON.object([("name", .string(name))]).document) }
        return .success
    }

    private static func marking(
        _ fingerprint: Fingerprint,
        _ body: (Fingerprint) throws(StoreError) -> Fingerprint.Marking
    ) throws(Failure) -> Fingerprint.Marking {
        do throws(StoreError) { return try body(fingerprint) } catch {
            throw Failure(status: .usage, message: error.description)
        }
    }

    private static func check(
        _ fingerprint: Fingerprint,
        _ name: String,
        _ arguments: Arguments
    ) throws(Failure) -> ExitStatus {
        let verdict: Fingerprint.Verdict
        do throws(Refusal) { verdict = try fingerprint.check() } catch {
            throw Failure(status: .usage, message: "'\(name)' cannot be checked: \(error.sentence)")
        }
        if let trouble = verdict.trouble {
            Console.complain("warning: what was seen cannot be noted, so the next check runs, too: \(trouble)")
        }
        if arguments.has("json") {
            let document = JSON.object([
                ("name", .string(name)),
                ("run", .boolean(verdict.mustRun)),
                ("reason", .string(verdict.reason)),
                ("differences", .array(verdict.differences.map { .string($0) })),
            ])
            try Console.print(document.document)
        }
        return verdict.mustRun ? .success : .failure
    }
}

extension Refusal {
    /// What a person is told, to follow a colon.
    fileprivate var sentence: String {
        switch self {
        case .inputUnreadable: "an input cannot be read; check its permissions"
        case .inputSpecial: "an input is neither file, directory nor link; name another"
        case .tooManyInputs: "the inputs are more than a million files; name fewer"
        default: rawValue
        }
    }
}
