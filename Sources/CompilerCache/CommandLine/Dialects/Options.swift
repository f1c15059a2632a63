/// What a compiler option means to a cache.
///
/// A dialect is a table of these and nothing else. An option that no rule names makes a bypass: what we do not
/// know we do not cache.
struct OptionRule: Sendable {
    enum Form: Sendable {
        /// The word is the option.
        case alone
        /// The word starts with the option; the rest belongs to it.
        case joined
        /// The value is the next word.
        case separate
        /// The value is the rest of the word or, where that is empty, the next word.
        case joinedOrSeparate
    }

    enum Meaning: Sendable {
        /// Part of the key, in its place; nothing else.
        case keyed
        /// Part of the key, and the output may hold paths in a form that cannot be searched for.
        case exact
        /// Debug information, which holds the working directory.
        case debug
        /// A name for the working directory in debug information.
        case compilationDirectory
        /// Takes debug information back.
        case noDebug
        /// Maps a prefix of the paths in the output.
        case prefixMap(PrefixMap.Scope)
        /// A directory in which headers are searched.
        case search(SearchEntry.Kind)
        /// A header that is included before the source.
        case forcedInclude
        /// A file that the compiler reads besides the source and its headers.
        case input
        /// A precompiled header: an input that says where it was made.
        case precompiledHeader
        case language
        case compile
        case output
        case dependencies(DependencyOption)
        /// Assembler options: `-Wa,`.
        case assembler
        /// Preprocessor options: `-Wp,`.
        case preprocessor
        /// An option of clang's inner program: `-Xclang`.
        case frontend
        /// The processor that the code is for.
        case processor
        /// The system that the code is for.
        case target
        case bypass(Bypass)
    }

    enum DependencyOption: Sendable { case all, user, file, target, quotedTarget, phony }

    let name: StaticString
    let form: Form
    let meaning: Meaning

    init(_ name: StaticString, _ form: Form, _ meaning: Meaning) {
        self.name = name
        self.form = form
        self.meaning = meaning
    }

    func matches(_ word: Word) -> Bool {
        switch form {
        case .alone, .separate: word.equals(name)
        case .joined, .joinedOrSeparate: word.hasPrefix(name)
        }
    }
}

/// A directory that the command line adds to the search for headers.
struct SearchEntry: Sendable, Hashable {
    enum Kind: UInt8, Sendable { case quote, bracket, system, after }
    let kind: Kind
    let path: Word
}

/// A prefix of paths that the compiler is told to replace in what it writes.
struct PrefixMap: Sendable {
    enum Scope: Sendable { case all, debug, macros }
    let scope: Scope
    let old: Word
    /// What stands in its place.
    let new: Word

    /// Takes `old=new` apart; nil where there is no `=`, or nothing before it.
    init?(_ value: Word, _ scope: Scope) {
        // gcc splits at the last one where a name holds one itself; then we cannot tell.
        guard let equals = value.firstIndex(of: UInt8(ascii: "=")), equals > 0,
            equals == value.lastIndex(of: UInt8(ascii: "="))
        else { return nil }
        self.init(scope: scope, old: Word(value[..<equals]), new: Word(value[(equals + 1)...]))
    }

    init(scope: Scope, old: Word, new: Word) {
        self.scope = scope
        self.new = new
        var old = old
        while old.count > 1, old.last == UInt8(ascii: "/") { old.removeLast() }
        self.old = old
    }
}

/// A program that stands in front of a compiler and adds to its command line, in a way that is known.
///
/// Any other one is traced (see ``Bypass/wrapper``). The number reaches the keys.
package enum Front: UInt8, Sendable {
    /// `emcc` and `em++`, in front of clang.
    case emscripten = 1

    /// The front that goes by `name`, which holds no directory.
    init?(named name: Word) {
        guard name.equals("emcc") || name.equals("em++") else { return nil }
        self = .emscripten
    }
}

/// The compilers whose command lines we understand.
package enum Family: UInt8, Sendable {
    case gcc = 1
    case clang = 2
}
