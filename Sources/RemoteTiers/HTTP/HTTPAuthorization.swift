/// How we introduce ourselves to an HTTP server.
struct HTTPAuthorization: Sendable {
    /// The value of the header; nil when there is none.
    let header: String?

    /// By a token, or by a user and a password; fails when what the address speaks of is missing or cannot be sent.
    init(_ address: TierAddress, _ secrets: TierSecrets) throws(TierFailure) {
        let password = secrets.password ?? address.password
        if let token = secrets.bearerToken.map(Self.trimmed) {
            guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw TierFailure(.refused, "The bearer token is empty or has characters that cannot be sent.")
            }
            header = "Bearer \(token)"
        } else if address.bearerTokenFile != nil {
            throw TierFailure(.refused, "The token of bearer-token-file is missing.")
        } else if address.user != nil || password != nil {
            guard address.passwordFile == nil || password != nil else {
                throw TierFailure(.refused, "The password of password-file is missing.")
            }
            let user = address.user ?? ""
            header = "Basic \(Base64.text(Array("\(user):\(password ?? "")".utf8)))"
        } else {
            header = nil
        }
    }

    /// Without the line ends that files have.
    private static func trimmed(_ text: String) -> String {
        let end = text.lastIndex { !$0.isNewline && $0 != " " }.map(text.index(after:)) ?? text.startIndex
        return String(text[..<end])
    }
}

/// Bytes as text, three in four characters.
package enum Base64 {
    private static let digits = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let number = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
            for position in 0..<4 {
                let digit = number >> (18 - 6 * position) & 63
                text.append(position <= part.count ? digits[digit] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
