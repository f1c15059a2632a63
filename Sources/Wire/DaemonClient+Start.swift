package import LarderStore

extension DaemonClient {
    /// The daemon of the cache that `settings` describe, started now if need be; nil where there is none to be had.
    package static func startedIfNeedBe(for settings: Settings) -> DaemonClient? {
        if let client = of(settings.directory) { return client }
        switch DaemonStart.start(for: settings.directory, passesCredentials: !settings.remote.isEmpty) {
        case .started, .isThere: return of(settings.directory)
        case .notInstalled, .failed: return nil
        }
    }
}
