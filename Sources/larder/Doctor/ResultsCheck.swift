internal import Files
internal import LarderStore
internal import Terminal

/// Whether results have turned out to be different when they were made again.
struct ResultsCheck {
    private let directory: Path

    init(_ directory: Path) { self.directory = directory }

    var findings: [Finding] {
        let count = SetAsideEntries(in: directory).keys.count
        guard count > 0 else { return [] }
        return [
            Finding(
                .warning,
                "results",
                "\(Text.count(count, "result was", "results were")) different when made again; the new ones are kept",
                remedy: "larder verify --differing says where; larder clear -y forgets them"
            )
        ]
    }
}
