internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Reads every entry, or makes results again.
    static let verify = Command(
        name: "verify",
        summary: "Read every entry, and remove those that are damaged; or make results again and compare",
        discussion: """
            A damaged entry costs nothing but time: whoever meets it removes it and compiles. Without options this finds
            them all.

            --against-compiler makes results again and compares them with what is kept. With COMMAND, a build that goes
            through the cache, each hit in it is made again. Without, the compiles by gcc and clang that are on record run
            once more where they ran, with outputs in a directory of their own; --session takes those of one build.

            --differing lists the results that were different when they were made again, here or because of verify_hits,
            with the section and the symbol in which they differ first and the likely reason.

            Ends with 1 where an entry was damaged or could not be read, an output that is a hard link was written to, or a
            result is different.
            """,
        forms: ["", "--against-compiler [--session ID]", "--against-compiler -- COMMAND ...", "--differing"],
        operands: 0...Int.max,
        takesCommandLine: true,
        commandLineOption: "against-compiler",
        options: [
            Option(name: "against-compiler", summary: "Make results again, and compare them with what is kept"),
            Option(name: "session", value: "ID", summary: "Make those again that this build has missed"),
            Option(name: "differing", summary: "List the results that were different when they were made again"),
            json,
        ],
        run: runVerify
    )

    private static func runVerify(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let isAgainst = arguments.has("against-compiler")
        guard isAgainst || arguments.operands.isEmpty else {
            throw Failure(usage: "a command goes behind --against-compiler", .verify)
        }
        guard isAgainst || arguments.value(of: "session") == nil else {
            throw Failure(usage: "--session belongs to --against-compiler", .verify)
        }
        guard !isAgainst || !arguments.has("differing") else {
            throw Failure(usage: "--against-compiler and --differing cannot be asked for at once", .verify)
        }
        let settings = try arguments.settings()
        if isAgainst { return try RepeatedCompiles(arguments, settings).perform() }
        if arguments.has("differing") {
            arguments.settle(settings)
            return try DifferingResults(settings).show(isJSON: arguments.has("json"))
        }
        let store = arguments.store(settings)
        arguments.settle(settings)
        let report: EntryStore.VerifyReport
        var bar = ProgressBar(title: "Verifying")
        do throws(StoreError) {
            report = try store.verify { done, total in
                bar.show(done, of: total)
                return true
            }
        } catch {
            bar.remove()
            throw Failure(error)
        }
        bar.remove()
        try Console.print(arguments.has("json") ? json(report, settings).document : table(report, settings))
        let isWhole = report.damaged.isEmpty && report.unreadable == 0 && report.writtenTo.isEmpty
        return isWhole ? .success : .failure
    }

    private static func table(_ report: EntryStore.VerifyReport, _ settings: Settings) -> String {
        var text = ""
        for key in report.damaged { text += "\(settings.isReadOnly ? "damaged" : "damaged, removed"): \(key)\n" }
        for key in report.writtenTo { text += "an output that is a hard link was written to: \(key)\n" }
        var rows = [
            ["Entries verified", "\(report.entries)"],
            ["Stored", Text.size(report.storedBytes)],
            ["Decoded", Text.size(report.trueBytes)],
            ["Damaged", "\(report.damaged.count)" + (settings.isReadOnly ? " (kept: the cache is read-only)" : "")],
        ]
        if report.unreadable > 0 { rows.append(["Unreadable", "\(report.unreadable)"]) }
        if !report.writtenTo.isEmpty { rows.append(["Links written to", "\(report.writtenTo.count)"]) }
        if report.otherVersions > 0 { rows.append(["Of other versions", "\(report.otherVersions)"]) }
        return text + TextTable.aligned(rows)
    }

    private static func json(_ report: EntryStore.VerifyReport, _ settings: Settings) -> JSON {
        .object([
            ("entries", .integer(Int64(report.entries))),
            ("stored_bytes", .integer(report.storedBytes)),
            ("decoded_bytes", .integer(report.trueBytes)),
            ("damaged", .integer(Int64(report.damaged.count))),
            ("removed", .integer(settings.isReadOnly ? 0 : Int64(report.damaged.count))),
            ("unreadable", .integer(Int64(report.unreadable))),
            ("links_written_to", .integer(Int64(report.writtenTo.count))),
            ("other_versions", .integer(Int64(report.otherVersions))),
            ("damaged_keys", .array(report.damaged.map { .string($0.description) })),
        ])
    }
}
