/// Which remote caches are asked, who is believed there, and what signs what is sent.
///
/// A launcher's settings say it, and it goes with each of its questions: the daemon works for launchers with other settings,
/// too. Each text is as in the setting, but that addresses say so where nothing is sent.
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
    /// Whether `remote_write` lets this process send anything.
    package var mayWriteRemote: Bool {
        switch remoteWrite {
        case .always: true
        case .never: false
        case .protected: Self.isProtected()
        }
    }

    /// The remote caches that this process reads from; none of them is written to where nothing may be sent.
    package var remoteAccess: RemoteAccess {
        RemoteAccess(
            addresses: remote.isEmpty || mayWriteRemote ? remote : Self.readOnly(remote),
            trusted: Array(remoteTrust.joined(separator: [UInt8(ascii: " ")])),
            key: remoteKey.map { Array($0.bytes) } ?? []
        )
    }

    /// Those that get what this process makes.
    package var sentTo: RemoteAccess { remote.isEmpty || !mayWriteRemote ? .none : remoteAccess }

    /// The addresses with `|read-only` behind each; one that is only written to is left out.
    private static func readOnly(_ addresses: [UInt8]) -> [UInt8] {
        var changed: [[UInt8]] = []
        for address in addresses.split(separator: UInt8(ascii: " ")) {
            let attributes = address.split(separator: UInt8(ascii: "|")).dropFirst()
            if attributes.contains(where: { $0.elementsEqual("write-only".utf8) }) { continue }
            let isReadOnly = attributes.contains { $0.elementsEqual("read-only".utf8) }
            changed.append(Array(address) + (isReadOnly ? [] : Array("|read-only".utf8)))
        }
        return Array(changed.joined(separator: [UInt8(ascii: " ")]))
    }
}
