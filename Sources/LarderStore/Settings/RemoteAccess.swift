/// Which remote caches are asked, who is believed there, and what signs what is sent.
///
/// A launcher's settings say it, and it goes with each of its questions: the daemon works for launchers with other settings,
/// too. Each text is as in the setting.
package struct RemoteAccess: Hashable, Sendable {
    /// Addresses, which may hold a password; empty for none.
    package var addresses: [UInt8]
    /// The public keys that are trusted; empty where everybody is.
    package var trusted: [UInt8]
    /// The file of the private key; empty where nothing is signed.
    package var key: [UInt8]

    package static let none = RemoteAccess(addresses: [], trusted: [], key: [])

    package init(addresses: [UInt8], trusted: [UInt8], key: [UInt8]) {
        (self.addresses, self.trusted, self.key) = (addresses, trusted, key)
    }

    package var isNone: Bool { addresses.isEmpty }

    /// An environment that gives these settings to a program; what `environment` says of them is left out.
    package func replacing(in environment: [[UInt8]]) -> [[UInt8]] {
        var variables = environment
        for (setting, text) in [(SettingKey.remote, addresses), (.remoteTrust, trusted), (.remoteKey, key)] {
            let start = setting.variable.withUTF8Buffer { Array($0) } + [UInt8(ascii: "=")]
            variables.removeAll { $0.starts(with: start) }
            variables.append(start + text)
        }
        return variables
    }
}

extension Settings {
    /// The remote caches that this process reads from.
    package var remoteAccess: RemoteAccess {
        RemoteAccess(
            addresses: remote,
            trusted: Array(remoteTrust.joined(separator: [UInt8(ascii: " ")])),
            key: remoteKey.map { Array($0.bytes) } ?? []
        )
    }

    /// Those that get what this process makes.
    package var sentTo: RemoteAccess {
        switch remoteWrite {
        case .always: remoteAccess
        case .never: .none
        case .protected: remote.isEmpty || !Self.isProtected() ? .none : remoteAccess
        }
    }
}
