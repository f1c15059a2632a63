import Foundation
import NIOCore
import NIOPosix

/// A server program that a test has for itself: on free ports of the loopback, in a directory of its own.
final class LocalServer: Sendable {
    struct Trouble: Error, CustomStringConvertible {
        var description: String
    }

    /// Where `program` is; nil when this machine has none.
    static func path(_ program: String) -> String? {
        let known = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let directories =
            known.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/bin"]
            + ["usr/sbin", "python/bin"].map { tools.appendingPathComponent($0).path }
        let found = directories.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        return found ?? (program == "redis-server" ? redisServer : nil)
    }

    /// What `make setup` has installed here alone.
    private static let tools = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../.build/tools").standardizedFileURL

    /// The server as Debian's redis-tools has it, without the service: one program that goes by its name.
    private static let redisServer: String? = {
        guard let checker = path("redis-check-rdb") else { return nil }
        let link = tools.appendingPathComponent("redis-server").path
        try? FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
        try? FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: checker)
        return link
    }()

    static func has(_ programs: String...) -> Bool { programs.allSatisfy { path($0) != nil } }

    /// Waits until somebody answers on `port`, for ten minutes at most.
    static func waitUntilAnswers(_ port: Int, orEnded process: Process) async throws {
        try await poll("an answer on port \(port)") {
            guard process.isRunning else {
                throw Trouble(description: "the server ended with \(process.terminationStatus)")
            }
            return await isAnswering(port)
        }
    }

    static func isAnswering(_ port: Int) async -> Bool {
        let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        try? await channel?.close().get()
        return channel != nil
    }

    /// Asks again and again until the answer is yes, for ten minutes at most.
    static func poll(_ what: String, until isDone: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(600)
        while try await !isDone() {
            guard clock.now < end else { throw Trouble(description: "no \(what) within ten minutes") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Calls `body` with a new directory, which is removed afterwards.
    static func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = "/tmp/larder-remote-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    /// Runs a program until it answers on `port`, calls `body`, and kills it.
    static func with(
        _ program: String,
        _ arguments: [String],
        port: Int,
        in directory: String,
        _ body: () async throws -> Void
    ) async throws {
        let process = try start(program, arguments, in: directory)
        defer { stop(process) }
        try await waitUntilAnswers(port, orEnded: process)
        try await body()
    }

    static func start(_ program: String, _ arguments: [String], in directory: String) throws -> Process {
        guard let path = path(program) else { throw Trouble(description: "there is no \(program)") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let log = "\(directory)/log-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = process.standardOutput
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    static func stop(_ process: Process) {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Runs a program to its end; what it wrote.
    @discardableResult
    static func run(_ program: String, _ arguments: [String], in directory: String) throws -> String {
        guard let path = path(program) else { throw Trouble(description: "there is no \(program)") }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Trouble(description: "\(program) failed: \(text)") }
        return text
    }
}
