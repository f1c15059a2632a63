package import Foundation
import Synchronization

/// A directory of its own for one test, with a cache of its own, in which programs are run as a user would run them.
///
/// Everything is removed with the value.
package final class Workshop: Sendable {
    /// What a program did.
    package struct Outcome: Sendable, Equatable {
        /// The exit status, or 128 plus the signal that ended it.
        package var status: Int32
        package var output: Data
        package var error: Data

        package var errorText: String { String(decoding: error, as: UTF8.self) }
        package var outputText: String { String(decoding: output, as: UTF8.self) }
    }

    package let directory: URL
    package let cache: URL
    private let installed = Mutex(InstalledFiles())
    /// Those that have met compilers.
    private let caches = Mutex<Set<URL>>([])

    /// What the name of a workshop's directory begins with.
    static let namePrefix = "larder-test-"

    private static let otherPrograms = ProcessInfo.processInfo.environment["LARDER_TEST_PROGRAMS"]

    /// The launcher that was built with the tests, or the one in the directory that LARDER_TEST_PROGRAMS names.
    package static let larder: URL = {
        // What makes it traces compiles.
        _ = PreloadLibrary.path
        return program
    }()

    static let program: URL = {
        guard let otherPrograms else { return debugLarder }
        return URL(fileURLWithPath: otherPrograms).appendingPathComponent("larder")
    }()

    /// The launcher that was built with the tests: it has moments at which a test can end it, and failures on demand.
    package static let debugLarder = URL(fileURLWithPath: CommandLine.arguments[0])
        .resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("larder")

    /// True for a variable that only debug builds obey.
    private static func isForDebugBuilds(_ variable: String) -> Bool {
        ["LARDER_CRASH_", "LARDER_HOLD_", "LARDER_FAULT", "LARDER_PRETEND_"].contains { variable.hasPrefix($0) }
    }

    package init() throws {
        let base = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath()
        directory = base.appendingPathComponent(Self.namePrefix + UUID().uuidString)
        cache = directory.appendingPathComponent(".cache")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        Watch.begun
    }

    deinit {
        for cache in caches.withLock({ $0 }) { KnownCompilers.learn(from: cache) }
        try? FileManager.default.removeItem(at: directory)
    }

    /// True where something was installed or removed since this was asked last, or since this value was made.
    func hasSystemChanged() -> Bool {
        installed.withLock {
            let before = $0
            $0 = InstalledFiles()
            return $0 != before
        }
    }

    /// The path of `name` in the workshop.
    package func url(_ name: String) -> URL { directory.appendingPathComponent(name) }

    /// Writes `text` to the file called `name`, its directories made where they are missing.
    package func write(_ text: String, to name: String) throws {
        let file = url(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        if text.hasPrefix("#!") { Self.waitUntilNobodyWrites(file) }
    }

    /// Makes a program that is gcc's driver for all that it says of itself, and does what `script` says when it compiles.
    ///
    /// A script would be no driver: see WrapperTests.
    ///
    /// - Parameter answers: whether gcc answers what the program is asked (`-###`), and not the script.
    package func write(driver script: String, to name: String, answers: Bool = true) throws {
        let interpreter = script.prefix { !$0.isNewline }.dropFirst(2)
        let text = """
            #include <stdlib.h>
            #include <string.h>
            #include <unistd.h>
            const char *sign = "COLLECT_GCC";
            static char script[] = {\(script.utf8.map(String.init).joined(separator: ",")), 0};
            static char answer[] = "gcc \\"$@\\" 2>&1 | sed \\"s|^COLLECT_GCC=.*|COLLECT_GCC=$0|\\" >&2";
            int main(int count, char **words) {
              char *interpreter = "\(interpreter)", *text = script;
              for (int i = 1; i < count; i++)
                if (\(answers ? 1 : 0) && !strcmp(words[i], "-###")) interpreter = "/bin/sh", text = answer;
              char **all = malloc((count + 4) * sizeof *all);
              all[0] = "sh", all[1] = "-c", all[2] = text;
              memcpy(all + 3, words, (count + 1) * sizeof *all);
              return execv(interpreter, all);
            }
            """
        try write(text, to: name + ".c")
        try run(["gcc", "-o", name, name + ".c"])
        remove(name + ".c")
    }

    /// Waits until the kernel would run `file`.
    ///
    /// A child that another thread has just begun holds what was open for writing then, until it has become its program: on a
    /// busy machine that takes a while. As long as somebody has a file open for writing there is no lease for reading.
    package static func waitUntilNobodyWrites(_ file: URL) {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        // F_SETSIG and F_SETLEASE, which are macros: whoever would have to wait for us is told so by a signal that does nothing. Where
        // leases are unknown the error is another one.
        _ = fcntl(descriptor, 10, SIGURG)
        while descriptor >= 0, fcntl(descriptor, 1024, F_RDLCK) != 0, errno == EAGAIN { usleep(1000) }
    }

    /// Waits until what is changed from now on gets a later time than what was changed before: the clock of files is coarse.
    package static func waitForNextTick() {
        func tick() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME_COARSE, &time)
            return Int(time.tv_nsec)
        }
        let now = tick()
        while tick() == now { usleep(1000) }
    }

    /// Sees to it that no descriptor from 3 to 9 is free from now on.
    ///
    /// A program inherits a socket from Foundation, under the number that it has here. Which of these low descriptors a command
    /// inherits counts for the launcher.
    private static func occupyLowDescriptors() {
        while true {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor > 9 || descriptor < 0 else { continue }
            if descriptor > 9 { close(descriptor) }
            return
        }
    }

    /// The content of `name`, or nil when it is not there.
    package func read(_ name: String) -> Data? { try? Data(contentsOf: url(name)) }

    /// Removes `name`, or nothing.
    package func remove(_ name: String) { try? FileManager.default.removeItem(at: url(name)) }

    /// The environment that programs get: a path, a home, the cache, and what a test adds.
    package func environment(_ extra: [String: String] = [:]) -> [String: String] {
        var environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": directory.path, "LARDER_DIR": cache.path, "LC_ALL": "C",
            "TMPDIR": NSTemporaryDirectory(),
            // LARDER_TEST_DAEMON=auto runs everything with a daemon; the tests of the daemon have one anyway.
            "LARDER_DAEMON": ProcessInfo.processInfo.environment["LARDER_TEST_DAEMON"] ?? "off",
        ]
        environment.merge(extra) { $1 }
        return environment
    }

    /// Runs a program (found in the path of ``environment(_:)`` where its name has no slash) to its end.
    ///
    /// Where `extra` asks for what only debug builds have, the launcher of that kind stands for the one that is tested.
    /// A new cache in the workshop knows the compilers of this machine.
    @discardableResult
    package func run(
        _ words: [String],
        in subdirectory: String = "",
        environment extra: [String: String] = [:]
    ) throws -> Outcome {
        let isForDebugBuild = extra.keys.contains(where: Self.isForDebugBuilds)
        func meant(_ text: String) -> String {
            isForDebugBuild ? text.replacing(Self.program.path, with: Self.debugLarder.path) : text
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // The thread that starts it may have signals blocked, which a user's shell has not.
        process.arguments = ["--default-signal"] + words.map(meant)
        process.environment = environment(extra).mapValues(meant)
        let place = URL(fileURLWithPath: process.environment?["LARDER_DIR"] ?? cache.path)
        if place.deletingLastPathComponent().path == directory.path, KnownCompilers.areMet(by: words),
            caches.withLock({ $0.insert(place).inserted })
        {
            try KnownCompilers.teach(place)
        }
        process.currentDirectoryURL = subdirectory.isEmpty ? directory : url(subdirectory)
        // Files, not pipes: nobody has to read while the program runs.
        let streams = FileManager.default.temporaryDirectory.appendingPathComponent(
            "larder-streams-\(UUID().uuidString)"
        )
        let (out, err) = (streams.appendingPathExtension("out"), streams.appendingPathExtension("err"))
        for file in [out, err] { try Data().write(to: file) }
        defer { for file in [out, err] { try? FileManager.default.removeItem(at: file) } }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        Self.occupyLowDescriptors()
        try process.run()
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        return Outcome(status: status, output: try Data(contentsOf: out), error: try Data(contentsOf: err))
    }

    /// Runs the launcher with `words`.
    @discardableResult
    package func larder(
        _ words: [String],
        in subdirectory: String = "",
        environment: [String: String] = [:]
    ) throws -> Outcome {
        try run([Self.larder.path] + words, in: subdirectory, environment: environment)
    }

    /// The counters of `larder stats --json`.
    package struct Counters: Sendable, Equatable {
        package var hits = 0
        package var misses = 0
        package var bypasses = 0
        package var errors = 0
        package var entries = 0
    }

    /// What the cache has counted so far.
    package func counters() throws -> Counters {
        let json = try JSONSerialization.jsonObject(with: larder(["stats", "--json"]).output) as? [String: Any] ?? [:]
        func number(_ key: String) -> Int { json[key] as? Int ?? -1 }
        return Counters(
            hits: number("hits"),
            misses: number("misses"),
            bypasses: number("bypasses"),
            errors: number("errors"),
            entries: number("entries")
        )
    }

    /// What one call of the launcher counts.
    package func counting(_ body: () throws -> Void) throws -> Counters {
        let before = try counters()
        try body()
        let after = try counters()
        return Counters(
            hits: after.hits - before.hits,
            misses: after.misses - before.misses,
            bypasses: after.bypasses - before.bypasses,
            errors: after.errors - before.errors,
            entries: after.entries
        )
    }
}
