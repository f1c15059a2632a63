internal import Files

/// What we say to the user: one line on the standard error stream.
package enum Message {
    /// Writes `text` behind our name.
    package static func write(_ text: String) {
        CapturedStreams(error: Array("larder: \(text)\n".utf8)).replay()
    }
}
