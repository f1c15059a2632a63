/// Variables that say where and when somebody works: they count only for who asks for them by name.
package enum SessionVariables {
    package static let names: Set<String> = [
        "_", "SHLVL", "OLDPWD", "WINDOWID", "XDG_SESSION_ID", "XDG_VTNR", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY",
        "SSH_AUTH_SOCK", "SSH_AGENT_PID", "DBUS_SESSION_BUS_ADDRESS", "GPG_TTY", "TERM_SESSION_ID", "TMUX", "TMUX_PANE",
        "STY",
    ]

    /// Those by which make passes on its options and its job server, which may be another one in each build.
    package static let ofMake: Set<String> = ["MAKEFLAGS", "MFLAGS", "MAKELEVEL"]

    /// Whether the variable always counts.
    ///
    /// Our own decide how a result is kept, not what it is.
    package static func isCounted(_ name: [UInt8]) -> Bool {
        let text = String(decoding: name, as: UTF8.self)
        return !text.hasPrefix("LARDER_") && !names.contains(text)
    }

    /// All variables that always count, with their values, sorted; without those of make.
    package static var counted: [UInt8] {
        var entries: [[UInt8]] = []
        Environment.forEach { entry in
            let bytes = Array(UnsafeRawBufferPointer(start: entry, count: Environment.length(entry)))
            let name = Array(bytes.prefix { $0 != UInt8(ascii: "=") })
            if isCounted(name), !ofMake.contains(String(decoding: name, as: UTF8.self)) { entries.append(bytes) }
        }
        return entries.sorted { $0.lexicographicallyPrecedes($1) }.reduce(into: []) { $0 += $1 + [0] }
    }
}
