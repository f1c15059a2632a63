internal import Files

/// The macros of a compile, and which headers they can stand for: `#include CONFIG_HEADER`, `__has_include(CONFIG_HEADER)`.
///
/// Which definition holds where is the preprocessor's to say; all of them together hold everywhere. They are all in sight:
/// the name of a macro cannot be made of parts, so it stands behind a `#define` in one of the texts, or in the command line.
struct HeaderMacros {
    private var headers: [Word: Set<SourceScan.Inclusion>] = [:]
    private var names: Set<UInt64> = []
    private var others: Set<UInt64> = []
    private let areAllSeen: Bool

    /// - Parameters:
    ///   - scans: all texts that were, or may have been, read.
    ///   - definitions: what the command line defines, a line for each.
    ///   - areAllSeen: false where macros may come from a precompiled header.
    init(_ scans: [SourceScan], definitions: [UInt8], areAllSeen: Bool) {
        self.areAllSeen = areAllSeen
        for scan in scans {
            headers.merge(scan.headerMacros) { $0.union($1) }
            for name in scan.headerMacros.keys { names.insert(SourceScan.hash(name)) }
            others.formUnion(scan.otherMacros)
        }
        // `-Wp,-DNAME` may define several, and `-D` may stand before a name or be a word of its own.
        for word in definitions.split(whereSeparator: { $0 == 10 || $0 == UInt8(ascii: ",") }) {
            let definition = word.starts(with: "-D".utf8) ? word.dropFirst(2) : word
            let name = definition.drop { $0 <= 32 }.prefix { Word.isIdentifier($0) }
            if !name.isEmpty { others.insert(SourceScan.hash(name)) }
        }
    }

    /// False when no macro has a name with this hash.
    func mayBeMacro(_ name: UInt64) -> Bool {
        !areAllSeen || others.contains(name) || names.contains(name) || Self.predefinedNames.contains(name)
    }

    /// Every header that `macro` can stand for; nil where that cannot be told.
    func headers(of macro: Word) -> Set<SourceScan.Inclusion>? {
        guard areAllSeen, !others.contains(SourceScan.hash(macro)) else { return nil }
        // A macro that nobody defines is asked for in a branch that is not taken, or is one of the compiler's own.
        guard let found = headers[macro] else { return macro.first == UInt8(ascii: "_") ? nil : [] }
        return found.allSatisfy(isPlain) ? found : nil
    }

    /// True when a macro's header is the one whose name is written there: between `<` and `>` it is tokens, and they may be
    /// macros.
    private func isPlain(_ inclusion: SourceScan.Inclusion) -> Bool {
        if inclusion.form == .quoted { return true }
        let name = inclusion.name
        guard !name.contains(where: { $0 <= 32 || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }),
            name.firstIndex(of: Word("//")) == nil, name.firstIndex(of: Word("/*")) == nil
        else { return false }
        return name.split { !Word.isIdentifier($0) }.allSatisfy { word in
            word.first != UInt8(ascii: "_") && !mayBeMacro(SourceScan.hash(word))
        }
    }

    /// What gcc and clang define in their own dialects; all the others have an underscore in front.
    private static let predefinedNames = Set(
        ["linux", "unix", "i386", "mips", "sparc", "sun", "PPC", "arm", "m68k", "hppa", "vax", "sgi"]
            .map { SourceScan.hash($0.utf8) }
    )
}
