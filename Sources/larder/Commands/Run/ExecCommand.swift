internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Runs a build whose compilers go through the cache.
    static let exec = Command(
        name: "exec",
        summary: "Run a build with its compilers going through the cache, and say what that gained",
        discussion: """
            COMMAND and whatever it starts find links to larder under the names of the compilers that are in PATH: in a
            directory below $XDG_DATA_HOME/larder, else ~/.local/share/larder, which comes first in PATH. RUSTC_WRAPPER, and
            CMAKE_C_COMPILER_LAUNCHER and its like for C++, Objective-C, Objective-C++ and Fortran, are set where they are not yet.
            All of it counts as one session (see larder session), whose counts are written to standard error at the end.

              larder exec -- make -j8
              larder exec -- cargo build
              larder exec -- sh -c './configure && make'

            A build that calls its compiler by a path does not come by: see larder init for what to set.

            Exit status: the command's; 127 no such command, 2 usage.
            """,
        forms: ["[--] COMMAND [ARGUMENT]..."],
        operands: 1...Int.max,
        takesCommandLine: true,
        options: [Option(name: "quiet", short: "q", summary: "Write no counts at the end")],
        run: runExec
    )

    private static func runExec(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let settings: Settings
        do throws(Failure) { settings = try arguments.settings() } catch {
            // As a compile does: it runs all the same.
            guard !error.isStrict else { throw error }
            Console.complain("warning: the build runs without the cache: \(error.message)")
            Child.end(as: try UserCommand(arguments.operands).run())
        }
        // Within another session the counts are that one's.
        let isNested = Environment.value("LARDER_SESSION").map { !$0.isEmpty } ?? false
        let session = Session.newID
        var isCounted = !isNested && !settings.isDisabled
        if !settings.isDisabled {
            if arguments.value(of: "dir") != nil { Environment.set("LARDER_DIR", to: Array(settings.directory.bytes)) }
            if let trouble = BuildEnvironment.prepare() {
                Console.complain("warning: the build runs without the cache: \(trouble)")
                isCounted = false
            } else if !isNested {
                Environment.set("LARDER_SESSION", to: Array(session.utf8))
            }
        }
        // Now, so that a compiler is one of the links.
        let ending = try UserCommand(arguments.operands).run()
        if !arguments.has("quiet"), isCounted, settings.isReadOnly {
            Console.complain("nothing was counted, because read_only is set")
        } else if !arguments.has("quiet"), isCounted {
            arguments.settle(settings)
            let statistics = Journal(at: settings.directory).statistics().sessions[session] ?? Statistics()
            for line in SessionSummary(name: session, statistics: statistics).lines { Console.complain(line) }
        }
        Child.end(as: ending)
    }
}

/// What a build needs so that its compilers go through the cache.
enum BuildEnvironment {
    /// Sets the variables; why that cannot be done, or nil.
    static func prepare() -> String? {
        guard let launcher = Directory.target(ofLink: "/proc/self/exe") else { return "/proc is not mounted" }
        guard let place = CompilerLinks.place else {
            return "set HOME or XDG_DATA_HOME, below which links to larder have to be made"
        }
        let links: Path
        do throws(SystemError) { links = try CompilerLinks(to: launcher, in: place).directory } catch {
            return "\(error)"
        }
        let path = Environment.value("PATH") ?? Array("/usr/local/bin:/bin:/usr/bin".utf8)
        Environment.set("PATH", to: Array(links.bytes) + [UInt8(ascii: ":")] + path)
        let launchers: [StaticString] = [
            "RUSTC_WRAPPER", "CMAKE_C_COMPILER_LAUNCHER", "CMAKE_CXX_COMPILER_LAUNCHER", "CMAKE_OBJC_COMPILER_LAUNCHER",
            "CMAKE_OBJCXX_COMPILER_LAUNCHER", "CMAKE_Fortran_COMPILER_LAUNCHER",
        ]
        for variable in launchers where Environment.value(variable)?.isEmpty ?? true {
            Environment.set(variable, to: Array(launcher.bytes))
        }
        return nil
    }
}
