internal import Terminal

extension Console {
    /// Says `sentence` on standard error, with our name before it.
    static func complain(_ sentence: String) { complain(sentence, as: LarderPDF.name) }

    /// Passes on what poppler had to say about a file, with the file's name, which poppler does not know.
    static func passOn(_ messages: [UInt8], about name: String) {
        let lines = messages.split(separator: 0x0A)
        for line in lines.prefix(10) { complain("\(name): \(Text.shown(line))") }
        if lines.count > 10 { complain("\(name): … and \(lines.count - 10) more lines like these") }
    }
}
