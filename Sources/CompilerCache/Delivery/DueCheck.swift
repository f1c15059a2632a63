internal import LarderStore

/// Whether the next hit is to be made again and compared, and which result that is about.
final class DueCheck {
    private var result: EntryKey?

    /// Nil where the next hit is to be given: most often.
    init?(_ settings: Settings) {
        guard settings.verifiesThisHit else { return nil }
    }

    /// Notes the result that would be given; returns why it is not.
    func take(_ result: EntryKey) -> String {
        self.result = result
        return CheckedHit.reason
    }

    /// The result that is to be compared, for a look that ended so; nil where there is none.
    func result(after absence: Manifest.Absence) -> EntryKey? {
        absence.reason == CheckedHit.reason ? result : nil
    }
}
