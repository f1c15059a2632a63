internal import Files
internal import LarderStore
internal import Terminal

/// How the keys of two commands differ.
struct KeyDifference {
    /// What one part of a key was, and is; either is nil where there is none.
    struct Change {
        var label: String
        var before: [UInt8]?
        var now: [UInt8]?
    }

    /// What has another value, is new, or is gone, in the order of the keys.
    private(set) var changes: [Change] = []
    /// True where both have the same parts in another order.
    private(set) var isOrder = false

    var count: Int { changes.count + (isOrder ? 1 : 0) }

    init(from earlier: MissRecord, to record: MissRecord) {
        var (earlier, record) = (earlier, record)
        // Of a traced compile the first word is the compiler.
        if let before = earlier.takeCompiler(), let now = record.takeCompiler(), before != now {
            changes.append(Change(label: "name", before: before, now: now))
        }
        var gone = Self.counted(earlier)
        var added: [MissRecord.Ingredient] = []
        for ingredient in record.ingredients where ingredient.isCompared {
            if let number = gone[ingredient], number > 0 {
                gone[ingredient] = number - 1
            } else {
                added.append(ingredient)
            }
        }
        var removed: [MissRecord.Ingredient] = []
        for ingredient in earlier.ingredients where ingredient.isCompared {
            if let number = gone[ingredient], number > 0 {
                gone[ingredient] = number - 1
                removed.append(ingredient)
            }
        }
        for ingredient in added {
            let partner = removed.firstIndex { $0.label == ingredient.label && $0.isSameThing(as: ingredient) }
            let before = partner.map { removed.remove(at: $0).value }
            changes.append(Change(label: ingredient.label, before: before, now: ingredient.value))
        }
        for ingredient in removed {
            changes.append(Change(label: ingredient.label, before: ingredient.value, now: nil))
        }
        joinValues()
        isOrder = changes.isEmpty && !earlier.key(isThatOf: record)
    }

    /// Makes one change of an option that is new, or gone, and its value in the next word.
    private mutating func joinValues() {
        var joined: [Change] = []
        func isOption(_ word: [UInt8]?) -> Bool { word?.first == UInt8(ascii: "-") }
        for change in changes {
            if let last = joined.last, last.label == "word", change.label == "word" {
                if last.before == nil, change.before == nil, isOption(last.now), !isOption(change.now) {
                    joined[joined.count - 1].now = (last.now ?? []) + [0x20] + (change.now ?? [])
                    continue
                }
                if last.now == nil, change.now == nil, isOption(last.before), !isOption(change.before) {
                    joined[joined.count - 1].before = (last.before ?? []) + [0x20] + (change.before ?? [])
                    continue
                }
            }
            joined.append(change)
        }
        changes = joined
    }

    private static func counted(_ record: MissRecord) -> [MissRecord.Ingredient: Int] {
        var counted: [MissRecord.Ingredient: Int] = [:]
        for ingredient in record.ingredients where ingredient.isCompared { counted[ingredient, default: 0] += 1 }
        return counted
    }
}

extension MissRecord {
    /// True where both keys have the same parts in the same order.
    fileprivate func key(isThatOf other: MissRecord) -> Bool {
        ingredients.filter { !Self.isOfCommand($0) } == other.ingredients.filter { !Self.isOfCommand($0) }
    }
}

extension MissRecord {
    /// Removes the name of the compiler from the parts of the key of a traced compile; nil where this is none.
    fileprivate mutating func takeCompiler() -> [UInt8]? {
        // What `larder run` traces has no directory names.
        guard ingredients.contains(where: { $0.label == "traced" }),
            ingredients.contains(where: { $0.label == "directory names" }),
            let index = ingredients.firstIndex(where: { $0.label == "word" })
        else { return nil }
        return ingredients.remove(at: index).value
    }
}

extension MissRecord.Ingredient {
    /// False for what only says how the files differ, how many words there are, and how to run the command again.
    fileprivate var isCompared: Bool {
        label != "difference" && label != "words" && label != "at" && !MissRecord.isOfCommand(self)
    }

    /// True where the values of two parts with one label are two states of one thing: a variable, an option with its value,
    /// the compiler.
    fileprivate func isSameThing(as other: Self) -> Bool {
        switch label {
        case "word", "output", "input", "makes", "may make", "removes", "mapping", "ignored option", "dependency file":
            option == other.option
        case "variable": value.prefix { $0 != UInt8(ascii: "=") } == other.value.prefix { $0 != UInt8(ascii: "=") }
        default: true
        }
    }

    /// What an option is called without its value: `-O`, `-std`, `-DNAME`, `-fprofile-dir`; a word that is no option is
    /// its own name, without the directory.
    private var option: [UInt8] {
        guard value.first == UInt8(ascii: "-") else { return Array(Path(bytes: value).name) }
        if let equals = value.firstIndex(of: UInt8(ascii: "=")) { return Array(value[..<equals]) }
        // `-O2` and `-O0`, `-g` and `-g3`, but not `-DA` and `-DB`.
        guard value.count > 1, "OgW".utf8.contains(value[1]), value.count <= 3 else { return value }
        return Array(value[..<2])
    }
}

extension KeyDifference.Change {
    /// What kind of thing it is, in a token of the JSON.
    var kind: String {
        switch label {
        case "word", "traced", "reads input", "counts directory", "trusts clock": "option"
        case "kind of input", "kinds of descriptors": "input"
        case "variable": "variable"
        case "compiler", "name", "wrapper", "family", "front", "dialect": "compiler"
        case "directory", "logical directory", "in": "directory"
        case "output", "makes", "may make", "removes", "dependency file": "output"
        case "input": "input"
        case "dependencies": "dependency_options"
        case "mapping", "ignored option", "time macros", "namespace", "extra input": "setting"
        case "processor": "processor"
        case "domain": "version"
        default: "key"
        }
    }

    /// What it is about: the word, or the name of the variable.
    var subject: String {
        let value = now ?? before ?? []
        return label == "variable" ? Text.shown(value.prefix { $0 != UInt8(ascii: "=") }) : Self.shown(value)
    }

    /// One line for people.
    var sentence: String {
        if let option = Self.options[label] {
            return "the option \(option) is \(now == [UInt8(ascii: "1")] ? "new" : "gone")"
        }
        if let circumstance = Self.circumstances[label] { return circumstance }
        switch kind {
        case "variable": return variable
        case "version": return "Larder has another version of its keys"
        case "directory":
            return now != nil && before == nil
                ? "the working directory counts now" : change(of: "the working directory")
        case "compiler":
            if label == "compiler" || label == "name" { return change(of: "the compiler") }
            return label == "wrapper"
                ? "the compiler's wrapper runs something else" : "the compiler is of another kind"
        case "processor": return "the processor has other features, and the option for this one is given"
        case "dependency_options": return change(of: "which headers the dependency file names")
        case "setting": return change(of: "the setting \(setting)")
        case "output": return change(of: "the output")
        case "input": return change(of: "the input")
        default:
            // Of what may be a secret there is only a digest.
            if subject.hasPrefix("#") {
                return before == nil
                    ? "an argument is new" : now == nil ? "an argument is gone" : "an argument is another one"
            }
            return change(of: before.map { $0.first == UInt8(ascii: "-") } ?? true ? "the option" : "the word")
        }
    }

    /// Options of `larder run` of which a key says only whether they are there.
    private static let options = [
        "traced": "--trace", "reads input": "--stdin", "counts directory": "--cwd",
        "trusts clock": "--deterministic=yes",
    ]
    /// What surrounds a traced command.
    private static let circumstances = [
        "kind of input": "standard input is of another kind", "kinds of descriptors": "other files are open",
        "group": "the user is in other groups",
    ]

    private var setting: String {
        switch label {
        case "mapping": "base_dir"
        case "ignored option": "ignore_options"
        case "time macros": "time_macros"
        case "extra input": "extra_inputs"
        default: label
        }
    }

    private func change(of thing: String) -> String {
        switch (before, now) {
        case (let before?, let now?): "\(thing) was \(Self.shown(before)) and is \(Self.shown(now))"
        case (nil, let now?): "\(thing) \(Self.shown(now)) is new"
        case (let before?, nil): "\(thing) \(Self.shown(before)) is gone"
        case (nil, nil): thing
        }
    }

    private var variable: String {
        func value(_ text: [UInt8]) -> String? {
            guard let equals = text.firstIndex(of: UInt8(ascii: "=")), equals + 1 < text.count else { return nil }
            // Of what may be a secret there is only a digest.
            return text[equals + 1] == UInt8(ascii: "#") ? nil : Self.shown(Array(text[(equals + 1)...]))
        }
        switch (before, now) {
        case (nil, _): return "the variable \(subject) is set" + (now.flatMap(value).map { " to \($0)" } ?? "")
        case (_, nil): return "the variable \(subject) is not set any more"
        case (let before?, let now?):
            guard let old = value(before), let new = value(now) else {
                return "the variable \(subject) has another value"
            }
            return "the variable \(subject) was \(old) and is \(new)"
        }
    }

    /// A value with the checkout's directories, for which a key has marks, as `<checkout>`.
    private static func shown(_ value: [UInt8]) -> String {
        var text: [UInt8] = []
        var index = 0
        while index < value.count {
            if value[index] == 0 {
                text += "<checkout>".utf8
                index += 2
            } else {
                text.append(value[index])
                index += 1
            }
        }
        return Text.shown(text)
    }
}
