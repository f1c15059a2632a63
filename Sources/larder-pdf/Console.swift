internal import Files

/// Where commands write.
enum Console {
    /// Prints, and says false where nobody reads any more.
    ///
    /// That is no failure; that it cannot be stored is one.
    static func print(_ bytes: [UInt8]) throws(Failure) -> Bool {
        switch StandardStream.output.write(bytes) {
        case .written: return true
        case .unread: return false
        case .failed(let error): throw Failure(.failure, "cannot write to standard output: \(error)")
        }
    }

    static func print(_ text: String) throws(Failure) -> Bool { try print(Array(text.utf8)) }

    /// Says `sentence` on standard error, with our name before it.
    static func complain(_ sentence: String) { StandardStream.error.write("larder pdf: \(sentence)\n".utf8) }

    /// Passes on what poppler had to say about a file, with the file's name, which poppler does not know.
    static func passOn(_ messages: [UInt8], about name: String) {
        let lines = messages.split(separator: 0x0A)
        for line in lines.prefix(10) { complain("\(name): \(Text.shown(line))") }
        if lines.count > 10 { complain("\(name): … and \(lines.count - 10) more lines like these") }
    }

    /// Asks a yes-or-no question on the terminal; anything but yes is no.
    static func confirms(_ question: String) -> Bool {
        StandardStream.error.write("\(question) [y/N] ".utf8)
        let answer = readLine()?.lowercased()
        return answer == "y" || answer == "yes"
    }
}

/// Numbers and words as a person reads them.
enum Text {
    /// The bytes as text in which nothing moves a terminal's cursor.
    static func shown(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }

    /// `1.5 GiB`: one digit behind the point.
    static func size(_ bytes: Int64) -> String {
        let units: [(String, Int64)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        for (name, unit) in units where bytes >= unit {
            return "\(bytes / unit).\(bytes % unit * 10 / unit) \(name)"
        }
        return "\(bytes) B"
    }

    /// `1 file`, `2 files`.
    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    /// `5 minutes`, `3 hours`, `12 days`.
    static func age(_ milliseconds: Int64) -> String {
        let minutes = max(0, milliseconds / 60_000)
        switch minutes {
        case ..<120: return "\(minutes) minutes"
        case ..<2880: return "\(minutes / 60) hours"
        default: return "\(minutes / 1440) days"
        }
    }
}
