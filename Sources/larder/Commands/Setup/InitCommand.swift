internal import Files
internal import Terminal

extension Command {
    /// Sets a project up, or takes that back.
    static let initialise = Command(
        name: "init",
        summary: "Set a project up for the cache, or take that back",
        discussion: """
            Looks at DIR (the working directory) for CMake, Meson, configure, make, Ninja, cargo, SwiftPM, the Linux kernel,
            ESP-IDF, Yocto and Bazel. Prints what to run, and as a diff what it would write:

              CMakeUserPresets.json    a preset NAME-larder for each preset NAME of the project, or one called larder
              .cargo/config.toml       rustc-wrapper; another wrapper that is there stays
              larder-native.ini        the compilers, for meson setup --native-file
              .larder.conf             base_dir = auto: a second worktree hits, debug information and __FILE__ included

            --apply writes it, all or nothing, and keeps every other byte; a second time changes nothing. --undo makes each
            file what it was, byte for byte; one that was edited since is left alone and named, with the lines to take out,
            and the exit status is 1. What was done is noted in DIR/.larder, which git does not show.
            """,
        forms: ["[DIR]"],
        operands: 0...1,
        options: [
            Option(name: "apply", summary: "Write what is shown without it"),
            Option(name: "undo", summary: "Take back what --apply has written"),
            json,
        ],
        run: runInit
    )

    private static func runInit(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        guard !arguments.has("apply") || !arguments.has("undo") else {
            throw Failure(usage: "--apply and --undo cannot be asked for at once", .initialise)
        }
        guard arguments.value(of: "dir") == nil else {
            throw Failure(
                usage: "--dir names the cache, which 'init' does not use; name the project without it",
                .initialise
            )
        }
        let setup = ProjectInitialisation(
            directory: Path(bytes: arguments.operands.first ?? [UInt8(ascii: ".")]),
            isJSON: arguments.has("json")
        )
        if arguments.has("undo") { return try setup.undo() }
        return arguments.has("apply") ? try setup.apply() : try setup.preview()
    }
}
