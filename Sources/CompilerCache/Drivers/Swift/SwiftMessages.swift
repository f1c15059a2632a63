internal import Files
internal import LarderStore

/// What swiftc said: diagnostics as they are, or, with `-parseable-output`, a document for each event of its processes.
///
///     messages ::= (length "\n" document "\n")*        length: the bytes of the document, in decimal digits
struct SwiftMessages {
    /// True when nothing was said about the code.
    private(set) var isSilent = true
    /// What its processes made, where it says so.
    private(set) var outputs: [Word] = []
    /// Files of which diagnostics may show a line.
    private(set) var sourcesShown: [Word] = []
    /// True where a line of a module's interface is shown: of its source, as soon as that is there.
    private(set) var showsInterface = false

    init(_ streams: CapturedStreams, areMessages: Bool) {
        isSilent = streams.output.isEmpty
        sourcesShown = Self.files(shownIn: streams.output)
        showsInterface = Self.showsInterface(streams.output) || Self.showsInterface(streams.error)
        guard areMessages else {
            isSilent = isSilent && streams.error.isEmpty
            sourcesShown += Self.files(shownIn: streams.error)
            return
        }
        var rest = streams.error[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            guard let length = Int(String(decoding: digits, as: UTF8.self)), rest.count > digits.count + length,
                length > 0,
                let message = try? JSONReader.value(of: Array(rest.dropFirst(digits.count + 1).prefix(length)))
            else {
                // Something else is among them.
                isSilent = false
                return
            }
            if let text = message["output"]?.text {
                isSilent = false
                sourcesShown += Self.files(shownIn: Array(text.utf8))
                showsInterface = showsInterface || Self.showsInterface(Array(text.utf8))
            }
            for output in message["outputs"]?.elements ?? [] {
                if let path = output["path"]?.text { outputs.append(Word(path.utf8)) }
            }
            rest = rest.dropFirst(digits.count + 1 + length)
            if rest.first == 10 { rest.removeFirst() }
        }
    }

    /// True where a line points into a declaration: `Module.Type:1:14: note: …`.
    private static func showsInterface(_ text: [UInt8]) -> Bool {
        text.split(separator: 10).contains { line in
            let parts = line.prefix(300).split(
                separator: UInt8(ascii: ":"),
                maxSplits: 3,
                omittingEmptySubsequences: false
            )
            guard parts.count == 4, let last = parts[0].last, last > 32, !parts[1].isEmpty, !parts[2].isEmpty,
                (parts[1] + parts[2]).allSatisfy({ (48...57).contains($0) })
            else { return false }
            return FileStatus.of(Path(bytes: Array(parts[0]))) == nil
        }
    }

    /// The files at which lines point: `/path/File.swift:3:5: note: …`.
    private static func files(shownIn text: [UInt8]) -> [Word] {
        var files: Set<Word> = []
        for line in text.split(separator: 10) {
            guard let end = line.firstIndex(of: UInt8(ascii: ":")), end > line.startIndex else { continue }
            let path = Word(line[..<end])
            if !files.contains(path), FileStatus.of(Path(bytes: path))?.kind == .regular { files.insert(path) }
        }
        return Array(files)
    }
}
