internal import NIOCore
internal import NIOSSL

/// How we speak TLS.
enum TLSSetup {
    /// The configuration for `address`; nil where its protocol is plain.
    ///
    /// The certificate of the server is always checked, and its name too.
    static func configuration(_ address: TierAddress, _ secrets: TierSecrets) throws(TierFailure) -> TLSConfiguration? {
        guard address.usesTLS else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        // Nobody waits for a server's goodbye, but the connection is there meanwhile.
        configuration.shutdownTimeout = .milliseconds(500)
        if let authority = secrets.authority {
            configuration.trustRoots = .certificates(try certificates(authority, "ca-file"))
        } else if address.authorityFile != nil {
            throw TierFailure(.refused, "The certificates of ca-file are missing.")
        }
        if let certificate = secrets.certificate, let key = secrets.key {
            configuration.certificateChain = try certificates(certificate, "cert-file").map { .certificate($0) }
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
            } catch {
                throw TierFailure(.refused, "What key-file has in it is not a private key in PEM form.")
            }
        } else if address.certificateFile != nil {
            throw TierFailure(.refused, "What cert-file and key-file have in them is missing.")
        }
        return configuration
    }

    private static func certificates(_ bytes: [UInt8], _ name: String) throws(TierFailure) -> [NIOSSLCertificate] {
        guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else {
            throw TierFailure(.refused, "What \(name) has in it are not certificates in PEM form.")
        }
        return found
    }
}
