/// The words behind the name of a command, taken apart.
struct Arguments: Sendable {
    private var flags: Set<String> = []
    private var values: [String: [UInt8]] = [:]
    /// The words that are no options, in order; exactly the bytes that were given.
    private(set) var operands: [[UInt8]] = []

    /// Whether the option called `name`, which takes no value, was given.
    func has(_ name: String) -> Bool { flags.contains(name) }

    /// The value of the option called `name`; where it was given twice, the later one.
    func value(of name: String) -> [UInt8]? { values[name] }

    /// Reads `words` as `command` defines them: `--name`, `--name value`, `--name=value`, `-n`, and `--` before
    /// words that begin with a hyphen but are no options.
    init(_ words: ArraySlice<[UInt8]>, for command: Command) throws(Failure) {
        var rest = words
        while let word = rest.popFirst() {
            if word == Array("--".utf8) {
                operands += rest
                break
            }
            guard word.first == UInt8(ascii: "-"), word.count > 1 else {
                operands.append(word)
                continue
            }
            try take(String(decoding: word, as: UTF8.self), rest: &rest, command)
        }
        // `--help` is answered whatever else stands there.
        guard operands.count > command.maximumOperands, !has("help") else { return }
        throw Failure(usage: "unexpected argument '\(Text.shown(operands[command.maximumOperands]))'", command)
    }

    private mutating func take(_ word: String, rest: inout ArraySlice<[UInt8]>, _ command: Command) throws(Failure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let option = command.allOptions.first { option in
            "--" + option.name == parts[0] || option.short.map { "-\($0)" == parts[0] } == true
        }
        guard let option else { throw Failure(usage: "unknown option '\(Text.shown(parts[0].utf8))'", command) }
        guard option.value != nil else {
            guard parts.count == 1 else { throw Failure(usage: "option '\(parts[0])' takes no value", command) }
            flags.insert(option.name)
            return
        }
        if parts.count == 2 {
            values[option.name] = Array(parts[1].utf8)
        } else if let next = rest.popFirst() {
            values[option.name] = next
        } else {
            throw Failure(usage: "option '\(parts[0])' needs a value", command)
        }
    }
}

extension Failure {
    /// A command line that `command` does not understand.
    init(usage message: String, _ command: Command) {
        self.init(status: .usage, message: "\(message); see 'larder \(command.name) --help'")
    }
}
