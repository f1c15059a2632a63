package import Files

/// The words behind the name of a command, taken apart.
package struct Arguments: Sendable {
    private var flags: Set<String> = []
    /// Names and values of options in the order in which they were given.
    private var values: [(name: String, value: [UInt8])] = []
    /// The words that are no options, in order; exactly the bytes that were given.
    package private(set) var operands: [[UInt8]] = []

    /// Whether the option called `name`, which takes no value, was given.
    package func has(_ name: String) -> Bool { flags.contains(name) }

    /// The value of the option called `name`; where it was given twice, the later one.
    package func value(of name: String) -> [UInt8]? { values.last { $0.name == name }?.value }

    /// All values of the option called `name`, in order.
    package func values(of name: String) -> [[UInt8]] { values.filter { $0.name == name }.map(\.value) }

    /// Reads `words` as `command` defines them: `--name`, `--name value`, `--name=value`, `-n`, and `--` before
    /// words that begin with a hyphen but are no options.
    ///
    /// A single hyphen is standard input, and so no option.
    package init(_ words: ArraySlice<[UInt8]>, for command: Command) throws(Failure) {
        var rest = words
        while let word = rest.popFirst() {
            if word == Array("--".utf8) {
                operands += rest
                break
            }
            guard word.first == UInt8(ascii: "-"), word.count > 1 else {
                operands.append(word)
                if command.takesCommandLine, command.commandLineOption.map(has) ?? true {
                    operands += rest
                    break
                }
                continue
            }
            try take(word, rest: &rest, command)
        }
        // `--help` is answered whatever else stands there.
        if has("help") || command.operands.contains(operands.count) { return }
        guard operands.count > command.operands.upperBound else { throw Failure(usage: "too few arguments", command) }
        throw Failure(usage: "unexpected argument '\(Text.shown(operands[command.operands.upperBound]))'", command)
    }

    private mutating func take(_ word: [UInt8], rest: inout ArraySlice<[UInt8]>, _ command: Command) throws(Failure) {
        let sign = word.firstIndex(of: UInt8(ascii: "="))
        let name = word[..<(sign ?? word.count)]
        let option = command.allOptions.first { option in
            if name.starts(with: "--".utf8) { return name.dropFirst(2).elementsEqual(option.name.utf8) }
            return option.short.map { name.dropFirst().elementsEqual(String($0).utf8) } == true
        }
        guard let option else { throw Failure(usage: "unknown option '\(Text.shown(name))'", command) }
        guard option.value != nil else {
            guard sign == nil else { throw Failure(usage: "option '\(Text.shown(name))' takes no value", command) }
            flags.insert(option.name)
            return
        }
        if let sign {
            values.append((option.name, Array(word[(sign + 1)...])))
        } else if let next = rest.popFirst() {
            values.append((option.name, next))
        } else {
            throw Failure(usage: "option '\(Text.shown(name))' needs a value", command)
        }
    }
}

extension Arguments {
    /// The path that the option called `name` gives, seen from the root; nil where it was not given.
    package func path(of name: String) throws(Failure) -> Path? {
        guard let given = value(of: name) else { return nil }
        let path = Path(bytes: given)
        guard !path.isEmpty else { throw Failure(status: .usage, message: "option '--\(name)' needs a directory") }
        do throws(SystemError) { return path.isAbsolute ? path : path.resolved(in: try Directory.current()) } catch {
            throw Failure(message: "\(error)")
        }
    }
}
