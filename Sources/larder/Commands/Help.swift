internal import LarderStore
internal import Terminal

/// What `--help` prints.
enum Help {
    /// The launcher first, because that is what most people come for.
    static var overview: String {
        let commands =
            StoreCommands.all.map { ["  " + $0.name, $0.summary] }
            + Neighbour.allCases.map { ["  \($0)", $0.summary] }
            + [
                ["  help", "Show this, or the help of a command"],
                ["  --version", "Show the version; with --verbose how it starts here, and what is installed"],
            ]
        let settings = SettingKey.allCases.map { ["  \($0.variable)", "\($0.name)", $0.summary] }
        return """
            Larder \(Version.text), a compiler cache. Put it in front of the compiler:

              larder g++ -O2 -c a.cpp -o a.o
              cmake -DCMAKE_C_COMPILER_LAUNCHER=larder -DCMAKE_CXX_COMPILER_LAUNCHER=larder ...
              make CC="larder gcc" CXX="larder g++"
              ln -s "$(command -v larder)" ~/bin/g++     # with ~/bin early in PATH
              larder swift build
              larder init                                # shows what a project needs, and sets it up with --apply

            The first compile takes its time; the same one again takes about a millisecond and gives the same
            bytes: object, diagnostics, dependency file. What cannot be cached safely runs as given. The exit
            status is the compiler's own. For any other command name what it reads and makes:

              larder run --input data.csv --output chart.svg -- ./plot data.csv chart.svg

            Commands (larder COMMAND --help says more):
            \(TextTable.aligned(commands))
            Settings, by environment variable or by name in larder.conf (see larder config --help):
            \(TextTable.aligned(settings))
            Exit status of commands: 0 done, 1 failed, 2 usage or configuration, 75 waited too long for a lock,
            130 cancelled. `larder run` and `larder lock run` end as their command does.

            """
    }
}
