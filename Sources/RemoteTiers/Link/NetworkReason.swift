internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Errors of the network in a few words.
enum NetworkReason {
    /// A failure for what NIO says about the connection to `server`.
    static func failure(_ error: any Error, _ server: String) -> TierFailure {
        switch error {
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first else {
                return TierFailure(.unreachable, "The host of \(server) is not known.")
            }
            return failure(first.error, server)
        case ChannelError.connectTimeout:
            return TierFailure(.timedOut, "The connection to \(server) was not made in time.")
        case let error as IOError: return TierFailure(.unreachable, "\(server) cannot be reached: \(text(error)).")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return TierFailure(.unreachable, "TLS with \(server) failed\(tls(error)).")
        default: return TierFailure(.unreachable, "The exchange with \(server) failed.")
        }
    }

    private static func tls(_ error: any Error) -> String {
        // BoringSSL has no other way to say it than in a text.
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return ": its certificate is not trusted" }
        if text.contains("CERTIFICATE_REQUIRED") || text.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE") {
            return ": it asks for a client certificate"
        }
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return ": its certificate is for another host"
        }
        if text.contains("WRONG_VERSION_NUMBER") { return ": it does not speak TLS" }
        return ""
    }

    private static func text(_ error: IOError) -> String {
        switch error.errnoCode {
        case 2: "there is no such socket"
        case 13: "permission denied"
        case 32, 104: "it broke the connection off"
        case 101: "there is no network"
        case 110: "the connection timed out"
        case 111: "nobody listens there"
        case 113: "there is no way to the host"
        default: "system error \(error.errnoCode)"
        }
    }
}
