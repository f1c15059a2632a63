internal import Files
internal import LarderStore
internal import Terminal

/// Why one command was no hit, for people and for programs.
struct Explanation {
    /// What it comes down to, in one token of the JSON.
    var kind: String
    /// What it is about: the word, the name of the variable, the path; empty where that is not known.
    var subject: String = ""
    /// One sentence without the name of the source.
    var sentence: String
    /// More of it, a line each.
    var details: [String] = []
    /// What the user may do about it; nil where there is nothing to do.
    var advice: String?

    /// Explains the command with number `index`.
    ///
    /// - Parameter earlierText: the lines of a file that have changed since an earlier result was made.
    init(
        of index: Int,
        in history: MissHistory,
        earlierText: (_ path: [UInt8], _ record: MissRecord) -> [String] = { _, _ in [] }
    ) {
        let record = history.records[index]
        if record.outcome == .bypass {
            self.init(bypass: record)
            return
        }
        switch record.cause {
        case "new_command", "run_new_command": self.init(unknown: record, index, history)
        case "result_absent", "no_candidate", "run_evicted", "evicted":
            self.init(
                kind: "evicted",
                sentence: "the result was evicted, or removed by 'larder clear' or 'larder purge'"
            )
        case "recache", "run_recache":
            self.init(kind: "setting", subject: "recache", sentence: "the setting recache is on")
            advice = "unset LARDER_RECACHE, or take recache out of larder.conf"
        case CheckedHit.reason, "run_" + CheckedHit.reason:
            self.init(
                kind: "verified",
                sentence: "there was a result, and it was made again to be compared, as verify_hits says"
            )
            if let difference = history.difference(of: index) {
                kind = CheckedHit.different
                subject = Text.shown(difference.subject)
                details.append("the two are different, first in \(subject); 'larder verify --differing' shows where")
            }
        case "other_place_or_terminal": self.init(condition: Text.shown(record.subject))
        case let cause where cause.hasPrefix("manifest_") || cause.hasPrefix("result_"):
            self.init(kind: "damaged", sentence: "the entry was damaged or of another version, and was removed")
        default: self.init(changed: record, earlierText(record.subject, record))
        }
        let differences = record.ingredients.filter { $0.label == "difference" }.map { Text.shown($0.value) }
        details += differences.prefix(10)
        if differences.count > 10 { details.append("and \(differences.count - 10) more") }
        if let refusal = history.refusal(of: index) { note(refusal) }
    }

    private init(
        kind: String,
        subject: String = "",
        sentence: String,
        details: [String] = [],
        advice: String? = nil
    ) {
        (self.kind, self.subject, self.sentence, self.details, self.advice) = (kind, subject, sentence, details, advice)
    }

    // MARK: - Nothing was found under this key

    private init(unknown record: MissRecord, _ index: Int, _ history: MissHistory) {
        if let earlier = history.earlier(than: index) {
            if let refusal = history.refusal(of: earlier) {
                self.init(refused: refusal)
            } else {
                self.init(
                    kind: "evicted",
                    sentence: "the result was evicted, or removed by 'larder clear' or 'larder purge'"
                )
            }
            return
        }
        guard let (other, difference) = history.nearest(to: index) else {
            self.init(kind: "never_seen", sentence: "no earlier run of it is on record")
            return
        }
        if difference.isOrder {
            self.init(kind: "order", sentence: "the words are those of an earlier run in another order")
            return
        }
        let changes = difference.changes
        let isElsewhere = other.directory != record.directory
        // Where another checkout differs only by its place, that is the reason.
        if isElsewhere, changes.allSatisfy({ $0.kind == "directory" || Self.names(record.directory, $0.now ?? []) }) {
            // Links, archives and what a trace explains are kept for one directory, whatever they say of it.
            let isBound = record.ingredients.contains { $0.label == "dialect" || $0.label == "traced" }
            let place = Text.shown(other.directory)
            self.init(
                kind: "directory",
                subject: Text.shown(record.directory),
                sentence: isBound
                    ? "it has not run in this directory, and the result of \(place) is kept for that one"
                    : "the result of \(place) names that directory, and this is another one"
            )
            if !isBound { advice = "set base_dir = auto; 'larder init' shows how" }
        } else if let first = changes.first(where: { $0.kind != "directory" }) ?? changes.first {
            self.init(kind: first.kind, subject: first.subject, sentence: first.sentence)
        } else {
            self.init(kind: "never_seen", sentence: "no earlier run of it is on record")
        }
        var said: Set<String> = [sentence]
        let rest = changes.map(\.sentence).filter { said.insert($0).inserted }
        details = Array(rest.prefix(10))
        if rest.count > 10 { details.append("and \(rest.count - 10) more") }
    }

    private static func names(_ directory: [UInt8], _ value: [UInt8]) -> Bool {
        !directory.isEmpty
            && String(decoding: value, as: UTF8.self).contains(String(decoding: directory, as: UTF8.self))
    }

    // MARK: - Something has changed

    private init(changed record: MissRecord, _ lines: [String]) {
        let subject = Text.shown(
            record.subject.starts(with: "./".utf8) ? record.subject.dropFirst(2) : record.subject[...]
        )
        let named = subject.isEmpty ? "an input" : subject
        switch record.cause {
        case "input_changed":
            let isCompiler = CompilerParts.isOne(record.subject, of: record)
            self.init(
                kind: isCompiler ? "compiler" : "file",
                subject: subject,
                sentence: isCompiler ? "the compiler has changed: \(named)" : "\(named) has changed",
                details: lines
            )
        case "input_missing": self.init(kind: "file_gone", subject: subject, sentence: "\(named) is gone")
        case "header_appeared":
            self.init(
                kind: "name_appeared",
                subject: subject,
                sentence: "\(subject.isEmpty ? "a file" : subject) is there now, and was not"
            )
        case "search_changed":
            self.init(
                kind: "search",
                sentence: "directories of the include path that were one are two now, or two are one"
            )
        case "variable_changed":
            self.init(kind: "variable", subject: subject, sentence: "the variable \(named) has another value")
        case let cause where cause.hasPrefix("run_"):
            self.init(run: String(cause.dropFirst(4)), subject)
        // A compile that was seen has the tokens of commands.
        case "read", "appeared", "env", "tool", "presence", "listing", "status", "real_path", "sameness", "umask",
            "streams":
            self.init(run: record.cause, subject)
        default: self.init(kind: "other", subject: subject, sentence: Cause.words(record.cause))
        }
    }

    /// The earlier result holds only under a condition that is no file.
    private init(condition subject: String) {
        switch subject {
        case "SOURCE_DATE_EPOCH":
            self.init(kind: "variable", subject: subject, sentence: "the variable SOURCE_DATE_EPOCH has another value")
        case "terminal":
            self.init(kind: "terminal", sentence: "the messages of the earlier result were made for another terminal")
        case "program": self.init(kind: "compiler", subject: "as", sentence: "PATH leads to another assembler")
        case "dependencyFile":
            self.init(kind: "dependency_options", sentence: "the dependency file was asked for in another form")
        default:
            self.init(kind: "place", sentence: "the earlier result is kept for the directory where it was made")
            advice = "set base_dir = auto, or name the source by a relative path"
        }
    }

    /// What is different for a command, by the journal's token without `run_`.
    private init(run token: String, _ subject: String) {
        let named = subject.isEmpty ? "an input" : subject
        switch token {
        case "input", "dependency", "read":
            self.init(kind: "file", subject: subject, sentence: "\(named) has changed")
        case "appeared", "presence":
            self.init(kind: "name_appeared", subject: subject, sentence: "whether \(named) is there has changed")
        case "env":
            self.init(
                kind: "variable",
                subject: subject,
                sentence: subject.isEmpty
                    ? "a variable has another value, and all of the environment counts here"
                    : "the variable \(subject) has another value"
            )
        case "tool": self.init(kind: "compiler", subject: subject, sentence: "the program \(named) has changed")
        case "listing":
            self.init(kind: "file", subject: subject, sentence: "the names in the directory \(named) have changed")
        case "stdin":
            self.init(kind: "file", subject: "standard input", sentence: "standard input holds something else")
        case "directory":
            self.init(kind: "directory", subject: subject, sentence: "the working directory is another one")
        case "expired": self.init(kind: "expired", sentence: "the result is older than --ttl allows")
        case "key": self.init(kind: "option", subject: "--key", sentence: "the text of --key is another one")
        default: self.init(kind: "other", subject: subject, sentence: Cause.words(token))
        }
    }

    // MARK: - Nothing was kept, or looked for

    private init(refused refusal: MissRecord) {
        let subject = Text.shown(refusal.subject)
        self.init(
            kind: "refused",
            subject: subject,
            sentence: "the earlier result was not kept: " + Cause.words(refusal.cause, about: subject)
        )
        advice = Cause.advice(refusal.cause)
    }

    private mutating func note(_ refusal: MissRecord) {
        let subject = Text.shown(refusal.subject)
        details.append("the new result is not kept: " + Cause.words(refusal.cause, about: subject))
        if advice == nil { advice = Cause.advice(refusal.cause) }
    }

    private init(bypass record: MissRecord) {
        let subject = Text.shown(record.subject)
        self.init(
            kind: "bypass",
            subject: subject,
            sentence: "it ran without the cache: " + Cause.words(record.cause, about: subject)
        )
        advice = Cause.advice(record.cause)
    }
}

/// The programs and libraries that a compiler consists of.
private enum CompilerParts {
    static func isOne(_ path: [UInt8], of record: MissRecord) -> Bool {
        let name = Text.shown(Path(bytes: path).name)
        if record.ingredients.contains(where: { $0.label == "compiler" && $0.value == path }) { return true }
        if ["cc1", "cc1plus", "cc1obj", "cc1objplus", "as", "collect2", "ld", "lto1", "rustc"].contains(name) {
            return true
        }
        if name.hasPrefix("librustc_driver") || name.hasPrefix("libLLVM") { return true }
        let program = Text.shown(Path(bytes: record.program).name)
        return !name.contains(".") && (name.hasPrefix("clang") || name.hasSuffix(program))
    }
}
