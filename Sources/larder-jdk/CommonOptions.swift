internal import ArgumentParser
internal import Files
internal import JDKCatalog
internal import LarderStore
internal import Terminal

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Use the cache in this directory instead of LARDER_DIR.", valueName: "dir"))
    var dir: String?

    /// What holds for this process, from flags, environment and `larder.conf`.
    func settings(_ lock: LockOptions? = nil) throws -> Settings {
        var flags: [SettingKey: [UInt8]] = [:]
        if let time = lock?.lockTimeout { flags[.lockTimeout] = Array(time.utf8) }
        if let dir {
            guard !dir.isEmpty else { throw Failure(status: .usage, message: "option '--dir' needs a directory") }
            let path = Path(dir)
            flags[.directory] = Array(path.isAbsolute ? path.bytes : path.resolved(in: try Directory.current()).bytes)
        }
        do throws(SettingsError) { return try Settings.load(flags: flags) } catch {
            throw Failure(status: .usage, message: error.description)
        }
    }
}

/// What commands take that may wait for another process.
struct LockOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Wait so long for a process that changes the catalogue: 10, 500ms, 5m, 0 (try once), infinite.",
            valueName: "time"
        )
    )
    var lockTimeout: String?

    /// How the catalogue's lock is taken.
    ///
    /// Fails in a cache that is only to be read, unless `readsOnly`.
    func options(_ settings: Settings, isQuiet: Bool, readsOnly: Bool = false) throws -> WriterLock.Options {
        guard !settings.isReadOnly || readsOnly else {
            throw Failure(message: "the catalogue cannot be changed, because read_only (LARDER_READONLY) is set")
        }
        var options = settings.lockOptions
        options.cancellation = Interrupt.cancellation
        options.observers.append(LockFeedback(program: "larder jdk", isQuiet: isQuiet).observer)
        if options.timeout.isSuspicious, !isQuiet {
            Console.complain(
                "warning: a lock timeout of \(options.timeout) (from \(options.timeout.source)) is unusually long"
            )
        }
        return options
    }
}

/// What commands take that may ask a source.
struct FetchOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do not show progress.")
    var quiet = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Give up on a server that is silent for so many seconds, or busy for ten times as long.",
            valueName: "seconds"
        )
    )
    var timeout: Int64 = 30

    func validate() throws {
        guard (1...3600).contains(timeout) else {
            throw ValidationError("--timeout is \(timeout), but it must be between 1 and 3600 seconds.")
        }
    }

    /// How sources are to be asked.
    func refresh(_ settings: Settings) throws -> Refresh {
        var refresh: Refresh
        do throws(SettingsError) {
            refresh = Refresh(sources: try Sources.configured(settings))
        } catch { throw Failure(status: .usage, message: error.description) }
        refresh.options.idleTimeout = timeout
        refresh.options.totalTimeout = 10 * timeout
        refresh.options.connectTimeout = min(10, timeout)
        refresh.options.userAgent = "larder-jdk/\(Version.text)"
        return refresh
    }
}

/// Which packages a command is about.
struct PlatformOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Packages for this system: linux, macos, windows, …; any for all.", valueName: "name"))
    var os: String?

    @Option(help: ArgumentHelp("Packages for this architecture: x64, aarch64, …; any for all.", valueName: "name"))
    var arch: String?

    @Option(help: ArgumentHelp("Packages for this C library: glibc, musl, …; any for all.", valueName: "name"))
    var libc: String?

    @Flag(help: "Packages for every platform.")
    var allPlatforms = false

    /// What the options ask for; the host's where they say nothing.
    ///
    /// Another system has C libraries of its own, so then any will do.
    var platform: Platform {
        let host = Platform.host()
        if allPlatforms { return Platform(operatingSystem: "", architecture: "", libC: "") }
        func word(_ option: String?, _ standard: String) -> String {
            option.map { $0.lowercased() == "any" ? "" : $0 } ?? standard
        }
        let (system, implied) = Platform.operatingSystem(word(os, host.operatingSystem))
        let library = implied == "musl" ? implied : system == host.operatingSystem ? host.libC : ""
        return Platform(
            operatingSystem: system,
            architecture: word(arch, host.architecture),
            libC: word(libc, library)
        )
    }
}
