/// What the caller has read for one tier: nothing here is ever shown.
package struct TierSecrets: Sendable {
    /// Takes the place of the one in the address.
    package var password: String?
    package var bearerToken: String?
    /// For S3, with the secret key; the token is for those that last a few hours.
    package var accessKey: String?
    package var secretKey: String?
    package var sessionToken: String?
    /// For S3 too, in the place of keys.
    package var webIdentity: WebIdentity?
    /// In PEM form.
    package var authority: [UInt8]?
    package var certificate: [UInt8]?
    package var key: [UInt8]?

    package init(
        password: String? = nil,
        bearerToken: String? = nil,
        accessKey: String? = nil,
        secretKey: String? = nil,
        sessionToken: String? = nil,
        webIdentity: WebIdentity? = nil,
        authority: [UInt8]? = nil,
        certificate: [UInt8]? = nil,
        key: [UInt8]? = nil
    ) {
        self.password = password
        self.bearerToken = bearerToken
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.webIdentity = webIdentity
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }
}
