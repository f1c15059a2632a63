package import Files
package import LarderStore
internal import RemoteTiers

/// What is wrong with what the user has said about remote caches: one sentence, with no secret in it.
package struct RemoteProblem: Error, Sendable {
    package let sentence: String
    package init(_ sentence: String) { self.sentence = sentence }
}

/// Passwords, keys and certificates: from files that an address names, and from the environment.
package enum RemoteSecrets {
    static func of(_ address: TierAddress) throws(RemoteProblem) -> TierSecrets {
        var secrets = TierSecrets()
        secrets.password = try line(address.passwordFile) ?? Environment.text("LARDER_REMOTE_PASSWORD")
        secrets.bearerToken = try line(address.bearerTokenFile) ?? Environment.text("LARDER_REMOTE_TOKEN")
        secrets.authority = try bytes(address.authorityFile)
        secrets.certificate = try bytes(address.certificateFile)
        secrets.key = try bytes(address.keyFile)
        guard address.engine == .s3, !address.isAnonymous else { return secrets }
        if let key = Environment.text("AWS_ACCESS_KEY_ID"), let secret = Environment.text("AWS_SECRET_ACCESS_KEY") {
            (secrets.accessKey, secrets.secretKey) = (key, secret)
            secrets.sessionToken = Environment.text("AWS_SESSION_TOKEN")
        } else if let role = Environment.text("AWS_ROLE_ARN"),
            let file = Environment.text("AWS_WEB_IDENTITY_TOKEN_FILE")
        {
            secrets.webIdentity = WebIdentity(
                role: role,
                session: Environment.text("AWS_ROLE_SESSION_NAME") ?? "larder",
                token: { try? line(file) ?? nil },
                endpoint: Environment.text("AWS_ENDPOINT_URL_STS")
            )
        } else if let profile = SharedCredentials.profile() {
            (secrets.accessKey, secrets.secretKey) = (profile.accessKey, profile.secretKey)
            secrets.sessionToken = profile.sessionToken
        }
        return secrets
    }

    /// The private key that signs what is sent.
    package static func signer(at path: Path) throws(RemoteProblem) -> Signer {
        guard let signer = Signer(text: try bytes(path.description) ?? []) else {
            throw RemoteProblem("\(path) holds no key; 'larder remote keygen \(path)' makes one")
        }
        return signer
    }

    /// The public keys whose signature something needs that comes from elsewhere; empty where it needs none.
    ///
    /// Where the settings trust nobody by name but sign, that is the signer's own: what anybody has put on a server must not go
    /// on with a signature that others trust.
    package static func trusted(_ settings: Settings) throws(RemoteProblem) -> [[UInt8]] {
        let named = settings.remoteTrust.compactMap { Digest(hexBytes: $0)?.bytes }
        guard named.isEmpty, let key = settings.remoteKey else { return named }
        return [try signer(at: key).publicKey]
    }

    private static func bytes(_ path: String?) throws(RemoteProblem) -> [UInt8]? {
        guard let path else { return nil }
        do throws(SystemError) {
            return try SmallFile.read(Path(bytes: Array(path.utf8)))
        } catch {
            throw RemoteProblem("\(path) cannot be read: \(error)")
        }
    }

    /// The first line of a file.
    private static func line(_ path: String?) throws(RemoteProblem) -> String? {
        try bytes(path).map { String(decoding: $0.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self) }
    }
}
