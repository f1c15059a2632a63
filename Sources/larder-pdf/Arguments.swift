internal import Files
internal import LarderStore

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

    /// Reads `words` as `command` defines them: `--name`, `--name value`, `--name=value`, `-n`, and `--` before words that
    /// begin with a hyphen but are no options.
    ///
    /// A single hyphen is standard input, and so no option.
    init(_ words: ArraySlice<[UInt8]>, for command: Command) throws(Failure) {
        var rest = words
        while let word = rest.popFirst() {
            if word == Array("--".utf8) {
                operands += rest
                break
            }
            if word.first == UInt8(ascii: "-"), word.count > 1 {
                try take(word, rest: &rest, command)
            } else {
                operands.append(word)
            }
        }
        // `--help` is answered whatever else stands there.
        if has("help") || command.operands.contains(operands.count) { return }
        guard operands.count > command.operands.upperBound else {
            throw Failure(.usage, "too few arguments; see 'larder pdf \(command.name) --help'")
        }
        let word = Text.shown(operands[command.operands.upperBound])
        throw Failure(.usage, "unexpected argument '\(word)'; see 'larder pdf \(command.name) --help'")
    }

    private mutating func take(
        _ word: [UInt8],
        rest: inout ArraySlice<[UInt8]>,
        _ command: Command
    ) throws(Failure) {
        let parts = word.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        let given = Text.shown(parts[0])
        let option = command.allOptions.first { option in
            "--" + option.name == given || option.short.map { "-\($0)" == given } == true
        }
        guard let option else {
            throw Failure(.usage, "unknown option '\(given)'; see 'larder pdf \(command.name) --help'")
        }
        guard option.value != nil else {
            guard parts.count == 1 else { throw Failure(.usage, "option '\(given)' takes no value") }
            flags.insert(option.name)
            return
        }
        if parts.count == 2 {
            values[option.name] = Array(parts[1])
        } else if let next = rest.popFirst() {
            values[option.name] = next
        } else {
            throw Failure(.usage, "option '\(given)' needs a value")
        }
    }

    /// The settings that hold for this command.
    func settings() throws(Failure) -> Settings {
        var flags: [SettingKey: [UInt8]] = [:]
        if let given = value(of: "dir") { flags[.directory] = Array(try absolute(given, "--dir").bytes) }
        do throws(SettingsError) { return try Settings.load(flags: flags) } catch {
            throw Failure(.usage, error.description)
        }
    }

    /// The path that an option names, seen from the root.
    func absolute(_ given: [UInt8], _ option: String) throws(Failure) -> Path {
        let path = Path(bytes: given)
        guard !path.isEmpty else { throw Failure(.usage, "option '\(option)' needs a directory") }
        do throws(SystemError) { return path.isAbsolute ? path : path.resolved(in: try Directory.current()) } catch {
            throw Failure(.failure, "\(error)")
        }
    }
}
