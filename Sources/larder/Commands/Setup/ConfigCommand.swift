internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Shows and changes settings.
    static let config = Command(
        name: "config",
        summary: "Show the settings and where each comes from, or change larder.conf",
        discussion: """
            A setting comes from an option, else from its environment variable, else from the project's .larder.conf,
            else from larder.conf in the cache's directory, else from /etc/larder.conf, else it has its default. A file
            of settings holds lines `key = value` and comments that begin with #; `set` changes larder.conf in the
            cache's directory, keeps all other lines there, and an empty VALUE removes the setting.

            A project's .larder.conf is looked for from the working directory upwards to the root of the repository.
            Paths in it may be relative to it. It may set:
            \(projectKeys)

            With base_dir DIR each compile by gcc or clang gets -ffile-prefix-map=DIR=. as well: its object is the one
            that the compiler makes with that option, not the one of the bare command. DIR may be several directories
            with ':' between them; auto is the root of the git, hg or jj worktree of the compile.

            \(TextTable.aligned(SettingKey.allCases.map { ["  \($0.name)", "\($0.variable)", $0.accepted] }))
            """,
        forms: ["[show]", "get KEY", "set KEY VALUE"],
        choices: [["show", "get", "set"], SettingKey.allCases.map { "\($0.name)" }],
        operands: 0...3,
        options: [json, lockTimeout],
        run: runConfig
    )

    /// The settings that a project may have, five in a line.
    private static var projectKeys: String {
        let keys = SettingKey.allCases.filter(\.isForProjects).map { "\($0.name)" }
        return stride(from: 0, to: keys.count, by: 5)
            .map { "  " + keys[$0..<min($0 + 5, keys.count)].joined(separator: ", ") }.joined(separator: ",\n")
    }

    private static func runConfig(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let words = arguments.operands
        switch (words.first.map { Text.shown($0) } ?? "show", words.count) {
        case ("show", 0...1): try show(arguments)
        case ("get", 2): try get(arguments, key(words[1]))
        case ("set", 3): try set(arguments, key(words[1]), to: words[2])
        case ("show", _): throw Failure(usage: "'config show' takes no arguments", .config)
        case ("get", _): throw Failure(usage: "'config get' takes one KEY", .config)
        case ("set", _): throw Failure(usage: "'config set' takes a KEY and a VALUE", .config)
        case (let word, _): throw Failure(usage: "unknown argument '\(word)'", .config)
        }
        return .success
    }

    private static func show(_ arguments: Arguments) throws(Failure) {
        let table = try arguments.settings().table
        guard arguments.has("json") else {
            let rows = table.flatMap { row in
                let effect = effect(row.key, row.value).map { [["", "", $0]] } ?? []
                return [["\(row.key.name)", shown(row.key, row.value), "\(row.source)"]] + effect
            }
            return try Console.print(TextTable.aligned(rows))
        }
        let members = table.map { row in
            ("\(row.key.name)", JSON.object([("value", .string(row.value)), ("source", .string("\(row.source)"))]))
        }
        try Console.print(JSON.object(members).document)
    }

    private static func get(_ arguments: Arguments, _ key: SettingKey) throws(Failure) {
        let settings = try arguments.settings()
        let value = settings.value(of: key)
        guard arguments.has("json") else { return try Console.print(value + "\n") }
        let members = [("value", JSON.string(value)), ("source", .string("\(settings.source(of: key))"))]
        try Console.print(JSON.object(members).document)
    }

    private static func set(_ arguments: Arguments, _ key: SettingKey, to value: [UInt8]) throws(Failure) {
        let directory = try arguments.directory()
        let options = try editLock(arguments)
        do throws(Settings.EditError) {
            try Settings.edit(key, to: value, in: directory, lock: options)
        } catch {
            switch error {
            case .invalid(let reason): throw Failure(status: .usage, message: reason.description)
            case .busy(let reason): throw Failure(reason)
            case .system(let reason): throw Failure(message: "larder.conf cannot be changed: \(reason)")
            }
        }
        // Another line may be wrong, and that is not what was asked about.
        guard let settings = try? arguments.settings(), case .environment(let variable) = settings.source(of: key)
        else {
            return
        }
        Console.complain("note: \(variable) is set in the environment and wins over larder.conf")
    }

    /// How the file is locked: as the settings say, but what is wrong in them must not keep anyone from setting it right.
    private static func editLock(_ arguments: Arguments) throws(Failure) -> WriterLock.Options {
        var options = WriterLock.Options()
        if let settings = try? arguments.settings() {
            options = arguments.lockOptions(settings)
        } else if arguments.value(of: "lock-timeout") != nil {
            options = arguments.lockOptions(try arguments.settings())
        } else {
            options.observers.append(LockFeedback(program: "larder", isQuiet: false).observer)
        }
        options.purpose = "config set"
        options.cancellation = .bySignals()
        return options
    }

    private static func key(_ name: [UInt8]) throws(Failure) -> SettingKey {
        if let key = SettingKey(name: name[...]) { return key }
        throw Failure(status: .usage, message: SettingsError.unknown(name).description)
    }

    /// What a setting adds to the user's own commands; nil for one that adds nothing.
    private static func effect(_ key: SettingKey, _ value: String) -> String? {
        guard key == .baseDirectory, !value.isEmpty else { return nil }
        if value == "auto" {
            return "adds -ffile-prefix-map=DIR=. to each compile, where DIR is the root of its worktree"
        }
        let maps = value.split(separator: ":").map { "-ffile-prefix-map=\(Text.shown($0.utf8))=." }
        return "adds \(maps.joined(separator: " ")) to each compile"
    }

    /// The value, or what happens without one.
    private static func shown(_ key: SettingKey, _ value: String) -> String {
        guard value.isEmpty else { return Text.shown(value.utf8) }
        return key == .maximumSize ? "(5%, at least 5GiB, at most 100GiB)" : "(none)"
    }
}
