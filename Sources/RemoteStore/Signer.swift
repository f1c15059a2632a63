internal import CHogweed
internal import LarderStore

/// Signs what goes to a remote cache, by Ed25519 (RFC 8032).
package struct Signer: Sendable {
    /// 32 bytes.
    package let publicKey: [UInt8]
    /// The private key, 32 bytes.
    package let secret: [UInt8]

    static let signatureLength = 64

    /// A new key, from the system's random numbers.
    package init() {
        var numbers = SystemRandomNumberGenerator()
        self.init(secret: (0..<32).map { _ in UInt8.random(in: 0...255, using: &numbers) })
    }

    /// The key in a file that `larder remote keygen` has made: 64 hexadecimal digits; nil for anything else.
    package init?(text: [UInt8]) {
        guard let secret = Digest(hexBytes: text.prefix { $0 != UInt8(ascii: "\n") })?.bytes else { return nil }
        self.init(secret: secret)
    }

    /// The key with this secret of 32 bytes.
    package init(secret: [UInt8]) {
        var publicKey = [UInt8](repeating: 0, count: 32)
        nettle_ed25519_sha512_public_key(&publicKey, secret)
        (self.publicKey, self.secret) = (publicKey, secret)
    }

    /// 64 bytes.
    package func sign(_ text: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Self.signatureLength)
        nettle_ed25519_sha512_sign(publicKey, secret, text.count, text, &signature)
        return signature
    }

    /// True where the owner of `publicKey` has signed `text`.
    package static func isGenuine(_ signature: [UInt8], of text: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureLength, publicKey.count == 32 else { return false }
        return nettle_ed25519_sha512_verify(publicKey, text.count, text, signature) == 1
    }
}
