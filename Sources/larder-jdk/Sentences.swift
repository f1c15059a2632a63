internal import Terminal

extension Console {
    /// Says `sentence` on standard error, with our name before it.
    static func complain(_ sentence: String) { complain(sentence, as: "larder jdk") }
}

extension Text {
    /// `187 MB`: how downloads are usually stated.
    static func download(_ bytes: Int64?) -> String {
        guard let bytes else { return "" }
        return bytes < 1_000_000 ? "\(bytes / 1000) kB" : "\((bytes + 500_000) / 1_000_000) MB"
    }
}
