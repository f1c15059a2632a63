internal import Files
internal import LarderStore
internal import Terminal

// `larder remote …`, and what the daemon starts to talk to remote caches: a program of its own, so that the network never
// weighs on the launcher or the daemon.
StandardStream.openMissing()
LarderRemote.main()

/// Reads the command line and ends the process.
enum LarderRemote {
    static let name = "larder remote"
    static let commands: [Command] = [.test, .status, .keygen, .export, .import, .push, .pull, .prefetch]

    static func main() -> Never { Program.main(name, run) }

    /// The first word of a call that 'prefetch' has started, and that leaves what 'prefetch' was given.
    static let apart = "apart"

    private static func run(_ words: ArraySlice<[UInt8]>) throws(Failure) -> ExitStatus {
        if words.first?.elementsEqual(apart.utf8) == true {
            _ = DetachedProcess.detach()
            return try Program.perform(
                words.dropFirst(),
                of: name,
                version: Version.text,
                commands,
                overview: overview
            )
        }
        guard words.first?.elementsEqual("serve".utf8) == true else {
            return try Program.perform(words, of: name, version: Version.text, commands, overview: overview)
        }
        guard words.count == 2, let directory = words.last else {
            throw Failure(status: .usage, message: "'serve' is for the daemon, which starts it by itself")
        }
        try Service.run(for: Path(bytes: directory))
        return .success
    }

    static let noRemote = Failure(
        message: "no remote cache is set; 'larder config set remote redis://HOST:6379' sets one"
    )

    /// The session that is meant.
    static func session(_ arguments: Arguments) throws(Failure) -> String {
        guard let id = arguments.value(of: "session") ?? Environment.value("LARDER_SESSION"), !id.isEmpty else {
            throw Failure(status: .usage, message: "name a session with --session ID, or set LARDER_SESSION")
        }
        let name = String(decoding: id, as: UTF8.self)
        if Statistics.isSession(name) { return name }
        throw Failure(
            status: .usage,
            message:
                "'\(Text.shown(id))' is no session; it must be \(Statistics.acceptedSession)"
        )
    }

    /// What is set, with what the command line says instead.
    static func settings(_ arguments: Arguments) throws(Failure) -> Settings {
        var flags: [SettingKey: [UInt8]] = [:]
        if let directory = try arguments.path(of: "dir") { flags[.directory] = Array(directory.bytes) }
        if let address = arguments.value(of: "remote") { flags[.remote] = address }
        let project = try? Directory.current()
        do throws(SettingsError) { return try Settings.load(flags: flags, in: project) } catch {
            throw Failure(status: .usage, message: error.description)
        }
    }

    private static var overview: String {
        let rows = commands.map { ["  \($0.name)", $0.summary] }
        return """
            Use what other machines have compiled: the setting 'remote' names Redis, HTTP and S3 servers.

            Usage: larder remote COMMAND [OPTIONS]

            Commands:

            """ + TextTable.aligned(rows) + """

                'larder config set remote redis://cache.lan:6379' sets one up; 'man larder-remote' says more.

                """
    }
}
