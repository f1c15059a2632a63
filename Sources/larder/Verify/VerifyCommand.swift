internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Reads every entry.
    static let verify = Command(
        name: "verify",
        summary: "Read every entry, and remove those that are damaged",
        discussion: """
            A damaged entry costs nothing but time: whoever meets it removes it and compiles. This finds them all.
            Ends with 1 when there was one, or when an entry could not be read.
            """,
        options: [json],
        run: runVerify
    )

    private static func runVerify(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try arguments.settings()
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
        return report.damaged.isEmpty && report.unreadable == 0 ? .success : .failure
    }

    private static func table(_ report: EntryStore.VerifyReport, _ settings: Settings) -> String {
        var text = ""
        for key in report.damaged { text += "\(settings.isReadOnly ? "damaged" : "damaged, removed"): \(key)\n" }
        var rows = [
            ["Entries verified", "\(report.entries)"],
            ["Stored", Text.size(report.storedBytes)],
            ["Decoded", Text.size(report.trueBytes)],
            ["Damaged", "\(report.damaged.count)" + (settings.isReadOnly ? " (kept: the cache is read-only)" : "")],
        ]
        if report.unreadable > 0 { rows.append(["Unreadable", "\(report.unreadable)"]) }
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
            ("other_versions", .integer(Int64(report.otherVersions))),
            ("damaged_keys", .array(report.damaged.map { .string($0.description) })),
        ])
    }
}
