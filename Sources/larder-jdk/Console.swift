internal import Files

/// Where commands write.
enum Console {
    /// Prints `text`; that nobody reads it is no failure, that it cannot be stored is one.
    static func print(_ text: String) throws {
        guard case .failed(let error) = StandardStream.output.write(text.utf8) else { return }
        throw Failure("cannot write to standard output: \(error)")
    }

    /// Says `sentence` on standard error, with our name before it.
    static func complain(_ sentence: String) { StandardStream.error.write("larder jdk: \(sentence)\n".utf8) }

    /// `187 MB`: how downloads are usually stated.
    static func size(_ bytes: Int64?) -> String {
        guard let bytes else { return "" }
        return bytes < 1_000_000 ? "\(bytes / 1000) kB" : "\((bytes + 500_000) / 1_000_000) MB"
    }

    /// `3 hours`, `12 days`, and `0 minutes` for what lies in the future.
    static func age(_ milliseconds: Int64) -> String {
        let minutes = max(0, milliseconds / 60_000)
        switch minutes {
        case ..<120: return "\(minutes) minutes"
        case ..<2880: return "\(minutes / 60) hours"
        default: return "\(minutes / 1440) days"
        }
    }
}
