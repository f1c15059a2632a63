internal import Files

/// Where commands read and write.
package enum Console {
    /// Prints `bytes`, and says false where nobody reads any more.
    ///
    /// That is no failure; that they cannot be stored is one.
    @discardableResult
    package static func print(_ bytes: some Collection<UInt8>) throws(Failure) -> Bool {
        switch StandardStream.output.write(bytes) {
        case .written: return true
        case .unread: return false
        case .failed(let error): throw Failure(message: "cannot write to standard output: \(error)")
        }
    }

    package static func print(_ text: String) throws(Failure) { try print(text.utf8) }

    /// Says `sentence` on standard error, with the name of `program` before it.
    package static func complain(_ sentence: String, as program: String) {
        StandardStream.error.write("\(program): \(sentence)\n".utf8)
    }

    /// Asks a yes-or-no question on the terminal; anything but yes is no.
    package static func confirms(_ question: String) -> Bool {
        StandardStream.error.write("\(question) [y/N] ".utf8)
        let answer = readLine()?.lowercased()
        return answer == "y" || answer == "yes"
    }
}
