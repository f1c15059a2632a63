/// A role of AWS, for a machine for which somebody else vouches: a token in a file is exchanged for keys that last an hour.
package struct WebIdentity: Sendable {
    /// The role's ARN.
    package var role: String
    /// Under which name the role is used, as `AWS_ROLE_SESSION_NAME` says; 2 to 64 letters, digits and `_+=,.@-`.
    package var session: String
    /// The token, read anew each time, since whoever puts it there renews it; nil where it cannot be read.
    package var token: @Sendable () -> String?
    /// Where tokens are exchanged, as a URL; nil for the service of the region.
    package var endpoint: String?

    package init(role: String, session: String, token: @escaping @Sendable () -> String?, endpoint: String? = nil) {
        (self.role, self.session, self.token, self.endpoint) = (role, session, token, endpoint)
    }

    /// How long keys are asked for, in seconds: the shortest limit that a role may have.
    static let lifetime = 3600

    /// The body of `AssumeRoleWithWebIdentity`, a request that nobody signs.
    package func request(_ token: String) -> String {
        let words = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("DurationSeconds", "\(Self.lifetime)"),
            ("RoleArn", role), ("RoleSessionName", session), ("WebIdentityToken", token),
        ]
        return words.map { "\($0.0)=\(PercentCoding.encoded($0.1))" }.joined(separator: "&")
    }

    /// The keys in an answer; nil where it has none, or such that cannot be sent.
    package static func credentials(in answer: [UInt8]) -> S3Credentials? {
        let text = String(decoding: answer.prefix(65_536), as: UTF8.self)
        guard let start = text.firstRange(of: "<Credentials>") else { return nil }
        let inside = text[start.upperBound...]
        guard let key = element("AccessKeyId", inside), let secret = element("SecretAccessKey", inside),
            let token = element("SessionToken", inside)
        else { return nil }
        return S3Credentials(accessKey: key, secretKey: secret, sessionToken: token)
    }

    /// What stands in the first element of that name: bytes that may be part of a header.
    private static func element(_ name: String, _ text: Substring) -> String? {
        guard let start = text.firstRange(of: "<\(name)>") else { return nil }
        let rest = text[start.upperBound...]
        guard let end = rest.firstIndex(of: "<"), rest[end...].hasPrefix("</\(name)>") else { return nil }
        let value = rest[..<end].trimmed
        return !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? String(value) : nil
    }
}

extension Substring {
    /// Without white space at either end.
    fileprivate var trimmed: Substring {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
