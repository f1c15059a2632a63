internal import CompilerCache
internal import Terminal

/// Where two object files differ first, and what is likely behind that.
struct ObjectDifference {
    /// The section; empty where they differ outside of sections.
    let section: String
    /// The function or variable in it; empty where none is known.
    let symbol: String
    /// What differs, as a sentence goes on with it.
    let sentence: String
    /// Which option or habit makes such differences; nil where nothing is typical.
    let advice: String?

    /// Nil where one of them is no object file that is understood, or they do not differ.
    init?(between one: [UInt8], and other: [UInt8]) {
        guard let before = ElfFile(one), let now = ElfFile(other), let first = before.sections,
            let second = now.sections
        else { return nil }
        for (index, section) in first.enumerated() {
            let name = Text.shown(section.name)
            // Names and symbols follow from the others.
            guard !Self.follows(name) else { continue }
            guard let twin = second.first(where: { $0.name.elementsEqual(section.name) && $0.kind == section.kind })
            else {
                self.init(name, "", "only one of them has the section \(name)", Self.advice(name, [], []))
                return
            }
            guard !section.content.elementsEqual(twin.content) else { continue }
            let offset = zip(section.content, twin.content).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            let place = offset ?? min(section.content.count, twin.content.count)
            let symbol = Self.symbol(at: place, inSection: index, of: before, first)
            let sizes =
                section.content.count == twin.content.count
                ? "" : ", which has \(section.content.count) bytes in the one and \(twin.content.count) in the other"
            self.init(
                name,
                symbol,
                "section \(name), byte \(place)" + (symbol.isEmpty ? "" : " in \(symbol)") + sizes,
                Self.advice(name, section.content, twin.content, around: place)
            )
            return
        }
        guard one != other else { return nil }
        self.init("", "", "symbols or headers, and no section's content", nil)
    }

    private init(_ section: String, _ symbol: String, _ sentence: String, _ advice: String?) {
        (self.section, self.symbol, self.sentence, self.advice) = (section, symbol, sentence, advice)
    }

    private static func follows(_ name: String) -> Bool {
        name.isEmpty || [".symtab", ".strtab", ".shstrtab"].contains(name) || name.hasPrefix(".rel")
    }

    /// The name of the symbol that covers this place.
    private static func symbol(at place: Int, inSection index: Int, of file: ElfFile, _ sections: [ElfFile.Section])
        -> String
    {
        // SHT_SYMTAB
        guard let table = sections.first(where: { $0.kind == 2 }), sections.indices.contains(table.link) else {
            return ""
        }
        let names = sections[table.link].content
        for start in stride(from: table.content.startIndex, through: table.content.endIndex - 24, by: 24) {
            let (value, size) = (file.number(at: start + 8, 8), file.number(at: start + 16, 8))
            guard file.number(at: start + 6, 2) == index, value <= place, place - value < size else { continue }
            let name = file.number(at: start, 4)
            guard name < names.count else { continue }
            return Text.shown(names[(names.startIndex + name)...].prefix { $0 != 0 })
        }
        return ""
    }

    /// What makes such differences, judged by the section and by the text around the place.
    private static func advice(
        _ section: String,
        _ one: ArraySlice<UInt8>,
        _ other: ArraySlice<UInt8>,
        around place: Int = 0
    ) -> String? {
        func text(_ bytes: ArraySlice<UInt8>) -> String {
            Text.shown(bytes.dropFirst(max(0, place - 24)).prefix(64))
        }
        let (before, now) = (text(one), text(other))
        if [before, now].contains(where: isTime) {
            return "the time of the compile (__DATE__, __TIME__); SOURCE_DATE_EPOCH makes it the same each time"
        }
        if section.hasPrefix(".gnu.lto") || section.hasPrefix(".gnu.debuglto") {
            return "names that gcc makes at random for -flto; -frandom-seed=NAME makes them the same each time"
        }
        if [before, now].contains(where: { $0.contains("/") }) {
            return section.hasPrefix(".debug")
                ? "the path of a directory in debug information; -ffile-prefix-map or base_dir takes it out"
                : "the path of a file (__FILE__); -ffile-prefix-map or base_dir takes it out"
        }
        if section == ".comment" || section == ".GCC.command.line" { return "another compiler or another command line" }
        if section.hasPrefix(".llvm") || section == ".llvmbc" { return "bitcode of another compiler or command line" }
        return nil
    }

    /// `12:34:56`, or `Nov 29 2026`.
    private static func isTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func isDigit(_ index: Int) -> Bool { bytes.indices.contains(index) && (48...57).contains(bytes[index]) }
        for index in bytes.indices where bytes[index] == UInt8(ascii: ":") {
            if isDigit(index - 2), isDigit(index - 1), isDigit(index + 1), isDigit(index + 2) { return true }
        }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return months.contains { month in text.contains(month + " ") && (text.contains(" 20") || text.contains(" 19")) }
    }
}
