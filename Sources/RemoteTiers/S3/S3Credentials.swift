/// Who signs requests to S3.
package struct S3Credentials: Sendable {
    package let accessKey: String
    package let secretKey: String
    /// For keys that last a few hours.
    package let sessionToken: String?

    package init(accessKey: String, secretKey: String, sessionToken: String? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    /// Fails when the keys are missing or cannot be sent.
    package init(_ address: TierAddress, _ secrets: TierSecrets) throws(TierFailure) {
        guard let accessKey = secrets.accessKey, let secretKey = secrets.secretKey, !accessKey.isEmpty,
            !secretKey.isEmpty
        else { throw TierFailure(.refused, "\(address.display) needs an access key and a secret key.") }
        let sent = accessKey + (secrets.sessionToken ?? "")
        guard sent.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw TierFailure(.refused, "The access key or the session token has characters that cannot be sent.")
        }
        self.init(accessKey: accessKey, secretKey: secretKey, sessionToken: secrets.sessionToken)
    }
}
