internal import Files

/// What is known of one command that was no hit: for an explanation, which people ask for later.
///
/// The journal counts; this names: the words, the directory, the file that has changed. A hit writes none.
package struct MissRecord: Sendable, Hashable {
    /// What became of the command.
    ///
    /// The raw values are on disk: never reuse one.
    package enum Outcome: String, Sendable {
        /// Looked for and not found; the cause says why.
        case miss
        /// A result was made, and not kept; the cause says why. It follows the `miss` of the same key.
        case refusal
        /// Nothing was looked for.
        case bypass
        /// A result was made again and was different; the subject is the part of it. It follows the `miss` of the same key.
        case difference
    }

    /// One part of the key that was looked for.
    package struct Ingredient: Sendable, Hashable {
        /// What it is: `word`, `variable`, `compiler`.
        package var label: String
        /// Its value; of what may be a secret, the name and a part of a digest.
        package var value: [UInt8]

        /// Names one part of a key.
        package init(label: String, value: [UInt8]) { (self.label, self.value) = (label, value) }
    }

    /// When, in milliseconds since 1970; 0 until it is recorded.
    package var time: Int64 = 0
    /// What became of it.
    package var outcome: Outcome
    /// Why, in the journal's token: `new_command`, `input_changed`, `time_macro`.
    package var cause: String
    /// What the cause is about: a path, a name, a word of the command; empty where that is not known.
    package var subject: [UInt8] = []
    /// What was looked for; nil for a bypass.
    package var key: EntryKey?
    /// The build that it belongs to.
    package var session: String?
    /// Where the command ran.
    package var directory: [UInt8] = []
    /// The command's name as it was given.
    package var program: [UInt8] = []
    /// What it is about, as the command says it: a source, a crate, a module.
    package var source: [UInt8] = []
    /// The first of what it makes.
    package var output: [UInt8] = []
    /// What the key was made of.
    package var ingredients: [Ingredient] = []

    /// Notes what became of a command.
    package init(_ outcome: Outcome, cause: String) { (self.outcome, self.cause) = (outcome, cause) }

    /// Takes over what a key was made of, but for what may be a secret.
    package mutating func take(_ key: KeyBuilder) {
        ingredients = key.ingredients.map { Ingredient(label: $0.label, value: Self.harmless($0.label, $0.value)) }
    }

    /// Keeps the words behind the compiler's name, so that the command can be run again; the key has some of them in another form.
    package mutating func note(command arguments: [[UInt8]]) {
        ingredients.append(Ingredient(label: Self.argumentCount, value: Array("\(arguments.count)".utf8)))
        for word in arguments {
            ingredients.append(Ingredient(label: Self.argument, value: Self.harmless(word: word)))
        }
    }

    /// The words behind the compiler's name; nil where not all of them are on record as they were.
    package var arguments: [[UInt8]]? {
        guard let count = ingredients.first(where: { $0.label == Self.argumentCount }) else { return nil }
        let words = ingredients.filter { $0.label == Self.argument }.map(\.value)
        guard String(decoding: count.value, as: UTF8.self) == "\(words.count)" else { return nil }
        // Instead of a secret there is a digest.
        return words.contains(where: Self.isHidden) ? nil : words
    }

    private static let argument = "argument"
    private static let argumentCount = "arguments"

    /// Whether the ingredient says how to run the command again, and is no part of the key.
    package static func isOfCommand(_ ingredient: Ingredient) -> Bool {
        ingredient.label == argument || ingredient.label == argumentCount
    }

    private static func isHidden(_ word: [UInt8]) -> Bool {
        guard let equals = word.firstIndex(of: UInt8(ascii: "=")), isSecret(word[..<equals]) else { return false }
        return word[(equals + 1)...].starts(with: "#".utf8)
    }

    /// Leaves of each word of a command that anybody may have written no more than the name of a long option, or one letter.
    package mutating func hideWords() {
        for index in ingredients.indices where ingredients[index].label == "word" {
            let word = ingredients[index].value
            let name = word.prefix { $0 != UInt8(ascii: "=") }
            let isName = name.starts(with: "--".utf8) ? name.dropFirst(2).allSatisfy(Self.isInName) : name.count == 2
            guard name.first != UInt8(ascii: "-") || !isName || name.count < word.count else { continue }
            let shown = name.first == UInt8(ascii: "-") && isName ? Array(word[...name.count]) : []
            ingredients[index].value = shown + Self.digest(of: word[shown.count...])
        }
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
    }

    /// A word of a command without the value that may be a secret.
    package static func harmless(word: [UInt8]) -> [UInt8] { harmless("word", word) }

    /// A value without its secrets: of a variable, and of a definition whose name speaks of a secret, a digest tells only
    /// whether it is still the same.
    private static func harmless(_ label: String, _ value: [UInt8]) -> [UInt8] {
        // A command line of a compiler's, in which a script may have put anything.
        if label == "wrapper" { return digest(of: value[...]) }
        guard label == "variable" || label == "word", let equals = value.firstIndex(of: UInt8(ascii: "=")),
            label == "variable" ? !isPlain(value[..<equals]) : isSecret(value[..<equals])
        else { return value }
        return value[...equals] + digest(of: value[(equals + 1)...])
    }

    /// Enough of a digest to see whether a value is still the same.
    private static func digest(of value: ArraySlice<UInt8>) -> [UInt8] {
        [UInt8(ascii: "#")] + Digest.of(Array(value)).hex.utf8.prefix(12)
    }

    /// True for a variable that holds paths, a language, a time or a choice.
    private static func isPlain(_ name: ArraySlice<UInt8>) -> Bool {
        if isSecret(name) { return false }
        let name = String(decoding: name, as: UTF8.self)
        return name.hasSuffix("PATH") || name.hasPrefix("LC_") || name.hasPrefix("CARGO_PKG_")
            || name.hasPrefix("CARGO_CFG_")
            || plain.contains(name)
    }

    private static let plain: Set<String> = [
        "LANG", "LANGUAGE", "SOURCE_DATE_EPOCH", "PWD", "TMPDIR", "GCC_COLORS", "TERM", "COLUMNS", "SDKROOT",
        "MACOSX_DEPLOYMENT_TARGET", "CPATH", "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES", "OUT_DIR", "RUSTFLAGS",
    ]

    private static func isSecret(_ name: ArraySlice<UInt8>) -> Bool {
        let name = String(decoding: name, as: UTF8.self).uppercased()
        return ["TOKEN", "SECRET", "PASSW", "CREDENTIAL", "APIKEY", "API_KEY", "PRIVATE"].contains { name.contains($0) }
    }
}
