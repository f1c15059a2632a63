internal import Files
internal import LarderStore
internal import Terminal
internal import Wire

/// Whether the daemon runs as it should.
struct DaemonCheck {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    var findings: [Finding] {
        func warn(_ sentence: String, _ remedy: String) -> [Finding] {
            [Finding(.warning, "daemon", sentence, remedy: remedy)]
        }
        guard settings.usesDaemon else { return [] }
        if let client = DaemonClient.of(settings.directory) {
            if client.isStopped {
                return warn("the daemon (pid \(client.process)) is stopped", "kill -CONT \(client.process)")
            }
            guard let status = client.status() else {
                return warn("the daemon (pid \(client.process)) does not answer", "kill \(client.process)")
            }
            guard status.version != Version.text else { return [] }
            return warn(
                "the daemon is of version \(Text.shown(status.version.utf8)), and this is \(Version.text)",
                "larder daemon stop"
            )
        }
        guard let program = Neighbour.program(named: "larderd"), FileStatus.of(program) == nil else { return [] }
        return warn(
            "larderd is not installed (\(program)), so each miss stores its result itself",
            "install larderd beside larder, or: larder config set daemon off"
        )
    }
}
