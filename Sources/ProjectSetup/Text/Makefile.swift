/// What a makefile says about compilers, as far as that can be told without running make.
struct Makefile {
    private let assignments: [(name: String, value: String, isOverride: Bool)]
    private let text: String
    private let recipes: [Substring]

    init(_ bytes: [UInt8]) {
        text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split { $0.isNewline }
        recipes = lines.filter { $0.hasPrefix("\t") }
        assignments = lines.compactMap { line in
            guard !line.hasPrefix("\t"), !line.hasPrefix("#"), let sign = line.firstIndex(of: "=") else { return nil }
            var words = line[..<sign].split { $0 == " " || $0 == "\t" || ":?+!".contains($0) }
            let isOverride = words.first == "override"
            while words.count > 1, ["override", "export"].contains(words[0]) { words.removeFirst() }
            guard words.count == 1 else { return nil }
            let value = line[line.index(after: sign)...].prefix { $0 != "#" }
            return (String(words[0]), value.split { $0 == " " || $0 == "\t" }.joined(separator: " "), isOverride)
        }
    }

    /// The variables that are set.
    var names: Set<String> { Set(assignments.map(\.name)) }

    /// The words of a compiler's variable, without another cache before it; `fallback` where it is not set, nil where only make
    /// knows, or where a command line does not change it.
    func compiler(_ name: String, fallback: String) -> String? {
        guard let last = assignments.last(where: { $0.name == name && !$0.value.isEmpty }) else { return fallback }
        guard !last.isOverride, !last.value.contains("$"), !last.value.contains("\\") else { return nil }
        var words = last.value.split(separator: " ")
        while words.count > 1, ["ccache", "sccache", "larder"].contains(words[0]) { words.removeFirst() }
        return words.joined(separator: " ")
    }

    /// Whether it seems to compile C or C++.
    var compiles: Bool { usesVariables || callsCompilers || text.contains(".o:") || text.contains("%.o") }

    private var usesVariables: Bool { ["$(CC)", "${CC}", "$(CXX)", "${CXX}"].contains { text.contains($0) } }

    /// Whether a recipe calls a compiler by its name, which no variable changes.
    var callsCompilers: Bool {
        recipes.contains { line in
            let words = line.split { " \t@-;&|()".contains($0) }
            return words.contains { ["gcc", "g++", "cc", "c++", "clang", "clang++"].contains($0) }
        }
    }
}
