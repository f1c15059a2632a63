internal import Files
internal import LarderStore
internal import PDFText
internal import Terminal

extension Command {
    /// Looks after what is cached of PDF files, and nothing else.
    static let cache = Command(
        of: LarderPDF.name,
        name: "cache",
        summary: "Show or remove what is cached of PDF files, and nothing else",
        discussion: """
            stats shows what there is. clear removes all of it. purge removes what was extracted longer ago than --older-than
            says, or by the version of poppler that --version names; a version behind < stands for all before it.
            """,
        forms: ["stats", "clear", "purge"],
        operands: 1...1,
        options: [
            Option(name: "json", summary: "Print JSON instead of a table"),
            Option(name: "yes", short: "y", summary: "Do not ask before clearing"),
            Option(name: "older-than", value: "TIME", summary: "Purge what is older: 90m, 12h, 30d, 4w"),
            Option(
                name: "version",
                value: "V",
                summary: "Purge what this version of poppler made: 22.12.0, or <22.12.0"
            ),
        ],
        run: runCache
    )

    private static func runCache(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        switch Text.shown(arguments.operands[0]) {
        case "stats": try stats(arguments)
        case "clear": try clear(arguments)
        case "purge": try purge(arguments)
        case let word:
            throw Failure(
                status: .usage,
                message: "there is no 'larder pdf cache \(word)'; there are stats, clear and purge"
            )
        }
        return .success
    }

    private static func documents(_ arguments: Arguments) throws(Failure) -> (CachedDocuments, Settings) {
        let settings = try arguments.settings()
        return (CachedDocuments(in: EntryStore(at: settings.directory, options: settings.storeOptions)), settings)
    }

    private static func stats(_ arguments: Arguments) throws(Failure) {
        let (documents, settings) = try documents(arguments)
        let summary = CacheSummary(
            directory: settings.directory,
            documents: documents.summary(),
            statistics: Journal(at: settings.directory).statistics()
        )
        try Console.print(arguments.has("json") ? summary.json : summary.table)
    }

    private static func clear(_ arguments: Arguments) throws(Failure) {
        let (documents, _) = try documents(arguments)
        let count = documents.summary().documents
        if !arguments.has("yes"), StandardStream.input.isTerminal, count > 0 {
            guard Console.confirms("Remove what is cached of \(Text.count(count, "document", "documents"))?") else {
                throw Failure(message: "nothing was removed")
            }
        }
        try remove(.all, documents, arguments)
    }

    private static func purge(_ arguments: Arguments) throws(Failure) {
        let (documents, _) = try documents(arguments)
        switch (arguments.value(of: "older-than"), arguments.value(of: "version")) {
        case (let given?, nil):
            guard let age = milliseconds(given) else {
                throw Failure(
                    status: .usage,
                    message: "--older-than is \(Text.shown(given)), but it must be a time such as 90m, 12h, 30d or 4w"
                )
            }
            try remove(.older(than: age), documents, arguments)
        case (nil, let given?):
            let version = String(decoding: given, as: UTF8.self)
            guard version.contains(where: \.isNumber) else {
                throw Failure(
                    status: .usage,
                    message: "--version is \(Text.shown(given)), but it must be one such as 22.12.0 or <22.12.0"
                )
            }
            let isBound = version.hasPrefix("<")
            try remove(
                isBound ? .versions(before: String(version.dropFirst())) : .version(version),
                documents,
                arguments
            )
        default:
            throw Failure(status: .usage, message: "purge needs either --older-than TIME or --version V")
        }
    }

    private static func remove(
        _ choice: CachedDocuments.Choice,
        _ documents: CachedDocuments,
        _ arguments: Arguments
    ) throws(Failure) {
        let removed: Usage
        do throws(StoreError) { removed = try documents.remove(choice) } catch {
            throw Failure(message: error.description)
        }
        let text =
            arguments.has("json")
            ? "{\"removed_documents\": \(removed.entries), \"removed_bytes\": \(removed.bytes)}\n"
            : "Removed \(Text.count(removed.entries, "document", "documents")) (\(Text.size(removed.bytes))).\n"
        try Console.print(text)
    }

    /// `30d`, `90m`: a number and a unit.
    private static func milliseconds(_ text: [UInt8]) -> Int64? {
        let digits = text.dropLast()
        guard let number = Int64(String(decoding: digits, as: UTF8.self)), (0...1_000_000).contains(number) else {
            return nil
        }
        switch text.last {
        case UInt8(ascii: "s"): return number * 1000
        case UInt8(ascii: "m"): return number * 60_000
        case UInt8(ascii: "h"): return number * 3_600_000
        case UInt8(ascii: "d"): return number * 86_400_000
        case UInt8(ascii: "w"): return number * 604_800_000
        default: return nil
        }
    }
}

/// What `larder pdf cache stats` shows.
private struct CacheSummary {
    let directory: Path
    let documents: CachedDocuments.Summary
    let statistics: Statistics

    /// Counts of this front end alone: their causes begin with its name.
    private func count(_ prefix: String) -> Int {
        statistics.byCause.reduce(0) { $1.key.hasPrefix(prefix) ? $0 + $1.value : $0 }
    }
    private var hits: Int { count("hit.pdf_") }
    private var lookups: Int { hits + count("miss.pdf_") }

    private static let ageNames = [
        "less_than_1h", "less_than_1d", "less_than_7d", "less_than_30d", "greater_than_30d",
    ]

    var table: String {
        let forms = Request.Form.allCases.compactMap { form in
            documents.byForm[form].map { "\(form.rawValue) \($0)" }
        }
        let detail = forms.isEmpty ? "" : " (\(forms.joined(separator: ", ")))"
        let tenths = tenths(documents.trueBytes, documents.storedBytes)
        var rows = [
            ["Documents", "\(documents.documents)\(detail)"],
            ["Size", "\(Text.size(documents.bytes)) on disk"],
            [
                "Content",
                "\(Text.size(documents.trueBytes)) in \(Text.size(documents.storedBytes)) (\(tenths / 10).\(tenths % 10)x)",
            ],
            ["Lookups", "\(lookups)"],
            ["  hits", "\(hits)" + (lookups > 0 ? " (\(hits * 100 / lookups) %)" : "")],
        ]
        if let newest = documents.newest, let oldest = documents.oldest {
            rows.append(["Extracted", "\(Text.age(newest)) to \(Text.age(oldest)) ago"])
            let names = ["<1h", "<1d", "<7d", "<30d", ">30d"]
            rows.append(["Ages", zip(names, documents.ages).map { "\($0) \($1)" }.joined(separator: ", ")])
        }
        return "PDF documents in \(Text.shown(directory.bytes))\n\n" + TextTable.aligned(rows)
    }

    private func tenths(_ whole: Int64, _ part: Int64) -> Int64 { part > 0 ? whole * 10 / part : 10 }

    var json: String {
        let ages = zip(Self.ageNames, documents.ages).map { "\"\($0)\": \($1)" }.joined(separator: ", ")
        let forms = Request.Form.allCases.map { "\"\($0.rawValue)\": \(documents.byForm[$0] ?? 0)" }.joined(
            separator: ", "
        )
        func seconds(_ age: Int64?) -> String { age.map { "\($0 / 1000)" } ?? "null" }
        let ratio = tenths(documents.trueBytes, documents.storedBytes)
        let hitRatio = lookups > 0 ? "\(hits * 100 / lookups)" : "null"
        return """
            {
              "directory": \(String(decoding: JSONText.string(directory.bytes), as: UTF8.self)),
              "entry_count": \(documents.documents),
              "entries_by_form": {\(forms)},
              "bytes_on_disk": \(documents.bytes),
              "total_compressed_bytes": \(documents.storedBytes),
              "total_uncompressed_bytes": \(documents.trueBytes),
              "compression_ratio": \(ratio / 10).\(ratio % 10),
              "hits": \(hits),
              "total_accesses": \(lookups),
              "hit_ratio_percent": \(hitRatio),
              "oldest_entry_age_seconds": \(seconds(documents.oldest)),
              "newest_entry_age_seconds": \(seconds(documents.newest)),
              "age_histogram": {\(ages)}
            }

            """
    }
}
