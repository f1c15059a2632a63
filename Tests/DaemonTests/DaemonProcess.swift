import Foundation
import TestSupport

/// The daemon as it is installed, in a workshop of its own: it ends with the workshop's cache.
extension Workshop {
    /// What `larder daemon status --json` says about `name`.
    func daemonNumber(_ name: String, _ extra: [String: String] = [:]) throws -> Int {
        let output = try larder(["daemon", "status", "--json"], environment: Self.withDaemon.merging(extra) { $1 })
            .output
        let json = try JSONSerialization.jsonObject(with: output) as? [String: Any] ?? [:]
        return json[name] as? Int ?? -1
    }

    /// Runs a script of bash with the launcher as `$L`, and a daemon where one is asked for.
    @discardableResult
    func bash(_ script: String, _ extra: [String: String] = [:]) throws -> Outcome {
        let functions = """
            until_true() { n=0; while ! "$@"; do [ $n -lt 60000 ] || return 1; sleep 0.01; n=$((n + 1)); done; }
            daemon_socket() { "$L" daemon status --json | sed -n 's/.*"socket": "\\(.*\\)".*/\\1/p'; }
            daemon() { "$L" daemon status --json | sed -n 's/.*"'$1'": *\\([0-9]*\\).*/\\1/p'; }
            is() { [ "$(daemon $1)" = "$2" ]; }

            """
        let environment = Self.withDaemon.merging(["L": Self.larder.path]) { $1 }.merging(extra) { $1 }
        return try run(["bash", "-c", functions + script], environment: environment)
    }

    /// Runs what does not come with every account or kernel, in a script of bash that ends with 77 where it is not there.
    func bashIfPossible(_ script: String) throws -> Outcome? {
        let outcome = try bash(script)
        return outcome.status == 77 ? nil : outcome
    }

    func stopDaemon() throws { try larder(["daemon", "stop"], environment: Self.withDaemon) }
}
