/// The language of a source, as far as it changes which headers are searched and how the source is read.
enum Language: UInt8, Sendable {
    case c = 1
    case cxx = 2
    case objectiveC = 3
    case objectiveCxx = 4
    case assembler = 5
    case preprocessedC = 6
    case preprocessedCxx = 7

    /// The name that `-x` takes.
    var option: StaticString {
        switch self {
        case .c: "c"
        case .cxx: "c++"
        case .objectiveC: "objective-c"
        case .objectiveCxx: "objective-c++"
        case .assembler: "assembler-with-cpp"
        case .preprocessedC: "cpp-output"
        case .preprocessedCxx: "c++-cpp-output"
        }
    }

    init?(option: Word) {
        let all: [Language] = [.c, .cxx, .objectiveC, .objectiveCxx, .assembler, .preprocessedC, .preprocessedCxx]
        guard let found = all.first(where: { option.equals($0.option) }) else { return nil }
        self = found
    }

    init?(source: Word) {
        guard let dot = source.lastComponent.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        switch String(decoding: source.lastComponent[(dot + 1)...], as: UTF8.self) {
        case "c": self = .c
        case "cc", "cp", "cxx", "cpp", "c++", "C", "CPP": self = .cxx
        case "m": self = .objectiveC
        case "mm", "M": self = .objectiveCxx
        case "S", "sx": self = .assembler
        case "i": self = .preprocessedC
        case "ii": self = .preprocessedCxx
        default: return nil
        }
    }

    /// True for the name of a source that only gfortran compiles.
    static func isFortran(_ word: Word) -> Bool {
        guard let dot = word.lastComponent.lastIndex(of: UInt8(ascii: ".")) else { return false }
        let suffix = String(decoding: word.lastComponent[(dot + 1)...], as: UTF8.self).lowercased()
        return ["f", "for", "ftn", "fpp", "f90", "f95", "f03", "f08"].contains(suffix)
    }

    /// True for the name of a header, which a compiler precompiles when it is given alone.
    static func isHeader(_ word: Word) -> Bool {
        let suffixes: [StaticString] = [".h", ".hh", ".hp", ".hpp", ".hxx", ".h++", ".H", ".HPP"]
        return suffixes.contains { word.hasSuffix($0) }
    }
}
