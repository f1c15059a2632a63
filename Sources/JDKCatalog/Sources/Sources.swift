package import LarderStore

/// The sources that the settings name.
package enum Sources {
    /// The mirror that kopi's makers keep: some hundred kilobytes, where the API sends tens of megabytes.
    private static let mirror = "https://kopi-vm.github.io/metadata"
    private static let foojay = "https://api.foojay.io/disco"

    /// In the order in which they are asked.
    package static func configured(_ settings: Settings) throws(SettingsError) -> [any CatalogSource] {
        func address(_ key: SettingKey, _ standard: String) throws(SettingsError) -> WebAddress? {
            switch try settings.webSource(key) {
            case .off: return nil
            case .standard: return WebAddress(standard)
            case .url(let text):
                guard let address = WebAddress(text) else { throw settings.refusal(of: key) }
                return address
            }
        }
        var sources: [any CatalogSource] = []
        if let address = try address(.jdkMirrorURL, mirror) { sources.append(MirrorSource(address)) }
        if let address = try address(.jdkFoojayURL, foojay) { sources.append(FoojaySource(address)) }
        return sources
    }
}
