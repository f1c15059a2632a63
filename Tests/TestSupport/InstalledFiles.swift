import Foundation

/// What is installed on this machine, as far as the times of its directories tell.
///
/// A link or a compile depends on files of the system and on names that are missing there. Where somebody installs a package
/// while a test runs, a result is rightly made anew.
struct InstalledFiles: Equatable, Sendable {
    private var times: [String: Date] = [:]

    init() {
        for place in Self.places {
            times[place] = Self.time(of: place)
            let below = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
            for name in below where Self.parents.contains(place) {
                times["\(place)/\(name)"] = Self.time(of: "\(place)/\(name)")
            }
        }
    }

    /// Directories whose own directories count as well.
    private static let parents: Set<String> = [
        "/usr/lib", "/usr/lib/gcc/x86_64-linux-gnu", "/usr/local", "/usr/local/lib",
    ]

    private static let places =
        parents + [
            "/etc", "/usr", "/usr/bin", "/usr/include", "/usr/include/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
            "/usr/share", "/usr/share/cargo/registry", "/var/lib/dpkg", "/var/lib/dpkg/info", "/var/lib/dpkg/updates",
        ]

    private static func time(of path: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
}

extension Workshop {
    /// What a call counts that is due to give so many hits.
    package func counting(dueHits: Int, _ body: () throws -> Void) throws -> Counters {
        try repeating({ $0.hits >= dueHits }) { try counting(body) }
    }

    /// The outcome of a call that is due to be as it is wanted.
    ///
    /// Where it is not, and what is installed has changed since the call that made the result, it may be right in that: it is
    /// called again, until the system was the same for two calls in a row (what changes while a result is made is not kept),
    /// ten times at most.
    package func repeating<Outcome>(
        _ isWanted: (Outcome) -> Bool,
        _ body: () throws -> Outcome
    ) rethrows -> Outcome {
        var outcome = try body()
        var steadyCalls = isWanted(outcome) || !hasSystemChanged() ? 2 : 0
        for _ in 0..<10 where steadyCalls < 2 && !isWanted(outcome) {
            outcome = try body()
            steadyCalls = hasSystemChanged() ? 0 : steadyCalls + 1
        }
        return outcome
    }
}
