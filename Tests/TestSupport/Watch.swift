import Foundation

/// Ends what a test has started and what does not end by itself, and says what it was.
///
/// A test waits for its programs without a bound of its own, for a busy machine may take any time. One that hangs would hold up
/// all tests, and nobody would hear which one it was.
enum Watch {
    /// How long a program of a test may run.
    ///
    /// The longest ones take a minute or two on a quiet machine, but a test of theirs may have to wait for its turn.
    private static let bound: TimeInterval = 40 * 60

    /// Watches from its first use to the end of the process.
    static let begun: Void = {
        Thread.detachNewThread {
            var seen: [String: Date] = [:]
            while true {
                Thread.sleep(forTimeInterval: 20)
                let now = Date()
                var alive: [String: Date] = [:]
                for process in started() { alive[process] = seen[process] ?? now }
                seen = alive
                for (process, since) in seen where now.timeIntervalSince(since) > bound { end(process) }
            }
        }
    }()

    /// The numbers of the programs that tests have started: those with a workshop in their environment.
    private static func started() -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let own = String(ProcessInfo.processInfo.processIdentifier)
        return all.filter { process in
            guard Int32(process) != nil, process != own, let environment = read("environ", of: process) else {
                return false
            }
            return environment.contains("/\(Workshop.namePrefix)")
        }
    }

    private static func read(_ name: String, of process: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: "/proc/\(process)/\(name)") else { return nil }
        return (try? file.readToEnd()).flatMap { String(decoding: $0, as: UTF8.self).replacing("\0", with: " ") }
    }

    private static func end(_ process: String) {
        let words = read("cmdline", of: process) ?? ""
        let state = (read("status", of: process) ?? "").split(separator: "\n").prefix(7).joined(separator: ", ")
        let place = (read("wchan", of: process) ?? "") + " " + (read("syscall", of: process) ?? "")
        let text = "error: a program of a test has not ended in \(Int(bound)) s: \(words)\n  \(state)\n  \(place)\n"
        FileHandle.standardError.write(Data(text.utf8))
        if let number = Int32(process) { kill(number, SIGKILL) }
    }
}
