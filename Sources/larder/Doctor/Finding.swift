/// Something that keeps the cache from working, or from working well, and what to do about it.
struct Finding {
    /// How much it matters.
    enum Severity: String {
        /// The cache does not work.
        case error
        /// It works less well than it could.
        case warning
        /// Worth knowing.
        case note
    }

    var severity: Severity
    /// What was looked at, in one word.
    var area: String
    /// What is wrong and where: one sentence.
    var sentence: String
    /// What to type, or to do.
    var remedy: String

    init(_ severity: Severity, _ area: String, _ sentence: String, remedy: String) {
        (self.severity, self.area, self.sentence, self.remedy) = (severity, area, sentence, remedy)
    }

    /// A value of a setting that cannot be used.
    static func invalid(_ sentence: String) -> Finding {
        Finding(.error, "settings", sentence, remedy: "correct that, then run larder doctor again")
    }
}
