/// What a server answered with.
struct HTTPAnswer: Sendable {
    var status: Int
    /// All of it for 200, and the beginning otherwise.
    var body: [UInt8]
    /// The body is in a form that we did not ask for.
    var isEncoded = false

    /// The value, for an answer to GET; nil when there is none.
    func value(_ server: String) throws(TierFailure) -> [UInt8]? {
        switch status {
        case 200:
            guard !body.isEmpty else { throw TierFailure(.protocolError, "\(server) answered with an empty value.") }
            guard !isEncoded else { throw TierFailure(.protocolError, "\(server) answered with an encoded value.") }
            return body
        case 404 where code == "NoSuchBucket": throw TierFailure(.refused, "\(server): there is no such bucket.")
        case 404, 410: return nil
        default: throw failure(server)
        }
    }

    /// Fails unless the answer to PUT says that the value is stored.
    func checkStored(_ server: String) throws(TierFailure) {
        switch status {
        case 200, 201, 202, 204: return
        case 404: throw TierFailure(.refused, "\(server) has no place for entries there.")
        case 405, 501: throw TierFailure(.refused, "\(server) takes no entries.")
        case 409: throw TierFailure(.refused, "\(server) makes no directories for entries.")
        // nginx says so too where it lacks `create_full_put_path on;` and a directory is missing.
        case 500:
            throw TierFailure(.unreachable, "\(server) could not store the entry, in a directory of its own (500).")
        case 413: throw TierFailure(.tooLarge, "\(server) does not take entries of this size.")
        default: throw failure(server)
        }
    }

    /// The status for a sentence, with the code of an error of AWS.
    var shownStatus: String { code.map { "\(status), \($0)" } ?? "\(status)" }

    private func failure(_ server: String) -> TierFailure {
        let shown = shownStatus
        return switch status {
        case 401, 403, 407: TierFailure(.refused, "\(server) does not let us in (\(shown)).")
        case 300..<400: TierFailure(.refused, "\(server) sends us to another address (\(shown)).")
        case 400 where ["ExpiredToken", "InvalidToken", "AuthorizationHeaderMalformed"].contains(code):
            TierFailure(.refused, "\(server) does not let us in (\(shown)).")
        case 408: TierFailure(.timedOut, "\(server) did not wait for us (\(shown)).")
        case 413: TierFailure(.tooLarge, "\(server) does not handle entries of this size (\(shown)).")
        case 507: TierFailure(.full, "\(server) has no room left (\(shown)).")
        case 425, 429, 500...: TierFailure(.unreachable, "\(server) is not ready (\(shown)).")
        default: TierFailure(.protocolError, "\(server) answered with something unexpected (\(shown)).")
        }
    }

    /// What stands between `<Code>` and `</Code>` in an error of S3: a word of letters.
    private var code: String? {
        let text = String(decoding: body.prefix(4096), as: UTF8.self)
        guard status >= 300, let start = text.firstRange(of: "<Code>") else { return nil }
        let word = text[start.upperBound...].prefix { $0.isASCII && $0.isLetter }
        guard (1...40).contains(word.count), text[word.endIndex...].hasPrefix("</Code>") else { return nil }
        return String(word)
    }
}
