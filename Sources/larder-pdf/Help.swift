internal import LarderStore
internal import Terminal

/// What `--help` prints.
enum Help {
    static var overview: String {
        let commands = LarderPDF.commands.map { ["  \($0.name)", $0.summary] }
        return """
            The text of PDF files, extracted by poppler once and then taken from the cache.

            Usage: larder pdf COMMAND …

            \(TextTable.aligned(commands))
            `larder pdf COMMAND --help` says more about one. Poppler's tools have to be installed (Debian: poppler-utils),
            and qpdf for files with a password.

            \(statuses)

            """
    }

    static let statuses = """
        Exit status: 0 done, 1 failed (of several files: any of them), 2 usage or configuration or no such page,
        3 not a PDF file, 4 encrypted and no password that fits, 5 damaged, 6 beyond --timeout, --max-memory or
        --max-output, 69 poppler or qpdf is not installed, 130 cancelled.
        """
}
