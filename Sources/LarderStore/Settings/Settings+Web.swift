/// Where something on the web is looked for.
package enum WebSource: Hashable, Sendable {
    /// Where it is looked for unless somebody says otherwise.
    case standard
    /// Nowhere.
    case off
    /// Below this URL, which begins with `http://` or `https://`.
    case url(String)
}

extension Settings {
    /// What the setting `key`, one of those that hold a URL, says: set but empty is ``WebSource/off``, as `off` is.
    package func webSource(_ key: SettingKey) throws(SettingsError) -> WebSource {
        guard source(of: key) != .builtin else { return .standard }
        guard let found = Self.webSource(Array(value(of: key).utf8)[...]) else { throw refusal(of: key) }
        return found
    }

    /// That the value of `key` cannot be used.
    package func refusal(of key: SettingKey) -> SettingsError {
        .invalid(key, Array(value(of: key).utf8), from: source(of: key))
    }

    static func webSource(_ text: ArraySlice<UInt8>) -> WebSource? {
        let word = String(decoding: text, as: UTF8.self)
        let lower = word.lowercased()
        if lower.isEmpty || lower == "off" { return .off }
        let isAddress = ["http://", "https://"].contains { lower.hasPrefix($0) && lower != $0 }
        return isAddress && text.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? .url(word) : nil
    }
}
