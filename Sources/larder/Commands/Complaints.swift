internal import Terminal

extension Console {
    /// Says `sentence` on standard error, with our name before it.
    static func complain(_ sentence: String) { complain(sentence, as: "larder") }
}
