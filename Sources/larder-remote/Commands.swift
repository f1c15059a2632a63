internal import Files
internal import LarderStore
internal import RemoteStore
internal import RemoteTiers
internal import Terminal
internal import Wire

extension Command {
    /// Writes to each tier and reads from it, and says what that shows.
    static let test = Command(
        of: LarderRemote.name,
        name: "test",
        summary: "Write to each remote cache and read it back",
        discussion: "Ends with 1 where one of them cannot be used as its address says.",
        options: [.remoteAddress],
        run: runTest
    )

    /// Shows what the daemon's connections have done.
    static let status = Command(
        of: LarderRemote.name,
        name: "status",
        summary: "Show what remote caches have given and taken, and which are left alone",
        discussion: """
            The counts begin when the daemon first needs a remote cache, and again when it is started anew. A cache that fails
            three times, is silent for too long or costs more time than it saves is left alone for 30 seconds, then for longer.
            """,
        options: [json],
        run: runStatus
    )

    /// Makes a pair of keys.
    static let keygen = Command(
        of: LarderRemote.name,
        name: "keygen",
        summary: "Make a key that signs what is sent to remote caches",
        discussion: """
            Writes the private key into FILE, which only you can read, and prints the public key. 'remote_key' names the file
            on machines that send; 'remote_trust' lists the public keys on machines that read.
            """,
        forms: ["FILE"],
        operands: 1...1,
        options: [],
        run: runKeygen
    )

    private static func runTest(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try LarderRemote.settings(arguments)
        guard !settings.remote.isEmpty else {
            throw LarderRemote.noRemote
        }
        let store = EntryStore(at: settings.directory, options: settings.storeOptions)
        let cache: RemoteCache
        do throws(RemoteProblem) {
            cache = try RemoteCache(settings, at: settings.remoteAccess.addresses, store: store) {
                Console.complain($0, as: LarderRemote.name)
            }
        } catch {
            throw Failure(message: error.sentence)
        }
        let wanted = settings.remote.split(separator: UInt8(ascii: " ")).count
        var hasFailed = cache.reports.count < wanted
        for (index, report) in cache.reports.enumerated() {
            let started = Clock.monotonic
            let problem = Blocking.wait { await cache.test(index) } ?? nil
            let milliseconds = Double((Clock.monotonic - started) / 10_000) / 100
            if let problem {
                hasFailed = true
                try Console.print("\(report.address.display): \(problem)\n")
            } else {
                let what =
                    report.address.writes ? (report.address.reads ? "written and read back" : "written") : "answers"
                try Console.print("\(report.address.display): \(what) in \(milliseconds) ms\n")
            }
        }
        try Console.print(trust(settings))
        return hasFailed ? .failure : .success
    }

    /// What the settings mean for what comes and goes, in words.
    private static func trust(_ settings: Settings) -> String {
        let signs = settings.remoteKey.map { "signed by the key in \($0)" } ?? "not signed"
        let sends =
            switch settings.remoteWrite {
            case .never: "Nothing is sent."
            case .always: "What is compiled here is sent, \(signs)."
            case .protected:
                !settings.mayWriteRemote
                    ? "Nothing is sent, because this is no protected branch in CI."
                    : "What is compiled here is sent, \(signs)."
            }
        let believed =
            switch (settings.remoteTrust.count, settings.remoteKey) {
            case (0, nil):
                "Whoever can write to a remote cache decides what is compiled here; remote_trust changes that."
            case (0, let key?): "Only what the key in \(key) has signed is used, because remote_trust names no other."
            case (let count, _):
                "Only what \(Text.count(count, "trusted key has", "trusted keys have")) signed is used."
            }
        return "\(sends)\n\(believed)\n"
    }

    private static func runStatus(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings = try LarderRemote.settings(arguments)
        let path = settings.directory.appending(StatusReport.name)
        guard FileStatus.ofLink(path) != nil else {
            if arguments.has("json") {
                try Console.print(JSON.object([("tiers", .array([]))]).document)
            } else {
                try Console.print("No remote cache has been used yet.\n")
            }
            return .success
        }
        guard let bytes = try? SmallFile.read(path), let status = try? JSONReader.value(of: bytes) else {
            throw Failure(message: "\(path) cannot be read as a status; remove it, and the daemon writes a new one")
        }
        if arguments.has("json") {
            try Console.print(bytes)
            return .success
        }
        var rows = [["", "hits", "misses", "sent", "errors", "not used", "read", "p50", "p99", ""]]
        for tier in status["tiers"]?.elements ?? [] {
            func number(_ name: String) -> Int64 { tier[name]?.integer ?? 0 }
            let rejected = (tier["rejected"]?.members ?? [:]).values.reduce(0) { $0 + ($1.integer ?? 0) }
            let rest = number("resting_until") - Clock.wall / 1_000_000
            let isResting = rest > 0
            rows.append([
                tier["address"]?.text ?? "", "\(number("hits"))", "\(number("misses"))", "\(number("sent"))",
                "\(number("errors"))", "\(rejected)", Text.size(number("bytes_read")),
                milliseconds(number("p50_microseconds")), milliseconds(number("p99_microseconds")),
                isResting ? "left alone for \((rest + 999) / 1000) s: \(tier["last_error"]?.text ?? "")" : "",
            ])
        }
        try Console.print(TextTable.aligned(rows, right: Set(1...8)))
        return .success
    }

    private static func milliseconds(_ microseconds: Int64) -> String {
        microseconds == 0 ? "-" : "\(Double(microseconds / 10) / 100) ms"
    }

    private static func runKeygen(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let path = Path(bytes: arguments.operands[0])
        let signer = Signer()
        do throws(SystemError) {
            try SmallFile.write(Array((hex(signer.secret) + "\n").utf8), to: path)
        } catch {
            throw Failure(message: "\(path) cannot be made: \(error)")
        }
        try Console.print("\(hex(signer.publicKey))\n")
        return .success
    }

    private static func hex(_ bytes: [UInt8]) -> String { Digest(bytes: bytes)?.hex ?? "" }
}

extension Command.Option {
    fileprivate static let remoteAddress = Command.Option(
        name: "remote",
        value: "ADDRESS",
        summary: "Test this one instead of what is set"
    )
}
