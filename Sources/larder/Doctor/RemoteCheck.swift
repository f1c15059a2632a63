internal import Files
internal import LarderStore
internal import Terminal

/// Whether the remote caches that are set can be used, and who decides what comes from them.
struct RemoteCheck {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    var findings: [Finding] {
        guard !settings.remote.isEmpty else { return [] }
        var findings: [Finding] = []
        func add(_ severity: Finding.Severity, _ sentence: String, _ remedy: String) {
            findings.append(Finding(severity, "remote", sentence, remedy: remedy))
        }
        if !settings.isRemoteFit {
            add(
                .warning,
                "remote (\(settings.value(of: .remote))) has something in it that is no address of a remote cache",
                "larder config set remote redis://HOST:6379"
            )
        }
        if let program = Neighbour.program(named: "larder-remote"), FileStatus.of(program) == nil {
            add(
                .warning,
                "remote caches are set, and larder-remote is not installed (\(program)), so nobody asks them",
                "install larder-remote beside larder"
            )
        }
        if !settings.usesDaemon {
            add(
                .warning,
                "remote caches are set, and only the daemon asks them, which is off",
                "larder config set daemon auto"
            )
        }
        if settings.remoteTrust.isEmpty, settings.remoteKey == nil {
            add(
                .note,
                "whoever can write to a remote cache decides what is compiled here, because remote_trust is not set",
                "larder remote keygen FILE; larder config set remote_trust KEY"
            )
        }
        if let key = settings.remoteKey, FileStatus.of(key)?.kind != .regular {
            add(.warning, "remote_key names \(key), which is no file", "larder remote keygen \(key)")
        }
        return findings
    }
}
