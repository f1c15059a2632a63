internal import Crypto
internal import LarderStore

/// Signs what goes to a remote cache, by Ed25519 (RFC 8032).
package struct Signer: Sendable {
    /// 32 bytes.
    package let publicKey: [UInt8]
    /// The private key, 32 bytes.
    package let secret: [UInt8]

    /// A new key.
    package init() { self.init(Curve25519.Signing.PrivateKey()) }

    private init(_ key: Curve25519.Signing.PrivateKey) {
        publicKey = Array(key.publicKey.rawRepresentation)
        secret = Array(key.rawRepresentation)
    }

    /// The key in a file that `larder remote keygen` has made: 64 hexadecimal digits; nil for anything else.
    package init?(text: [UInt8]) {
        let digits = text.prefix { $0 != UInt8(ascii: "\n") }
        guard let bytes = Digest(hexBytes: digits)?.bytes,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        else { return nil }
        self.init(key)
    }

    /// 64 bytes; nil where the system has no random numbers.
    func sign(_ text: [UInt8]) -> [UInt8]? {
        (try? Curve25519.Signing.PrivateKey(rawRepresentation: secret).signature(for: text)).map { Array($0) }
    }

    /// True where the owner of `publicKey` has signed `text`.
    static func isGenuine(_ signature: [UInt8], of text: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: text)
    }
}
