import Foundation
import TestSupport
import Testing

/// A test that needs processes which hold locks, die with them, read and refresh.
protocol UsesLockProbe {
    var workshop: Workshop { get }
}

extension UsesLockProbe {
    /// `LARDER_STRESS=1` asks for the rounds that the targets name, instead of as many as every run can afford.
    static var isStress: Bool { ProcessInfo.processInfo.environment["LARDER_STRESS"] == "1" }

    static var probe: String {
        Workshop.larder.deletingLastPathComponent().appendingPathComponent("LockProbe").path
    }

    func probe(_ words: String...) throws -> Workshop.Outcome {
        try workshop.run([Self.probe] + words, environment: ["SWIFT_BACKTRACE": "enable=no"])
    }

    /// A process that holds the lock `name` until it is told to finish.
    func hold(_ name: String, _ mode: String) throws -> Background {
        let holder = try Background(workshop, [Self.probe, "hold", workshop.cache.path, name, mode, "10"])
        try #require(holder.hear().hasPrefix("held"))
        return holder
    }
}

/// A process that goes on while the test does.
final class Background: Sendable {
    let process: Process
    private let input = Pipe()
    private let output = Pipe()

    init(_ workshop: Workshop, _ words: [String], environment: [String: String] = [:], error: URL? = nil) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["--default-signal"] + words
        process.environment = workshop.environment(environment)
        process.currentDirectoryURL = workshop.directory
        process.standardInput = input
        process.standardOutput = output
        if let error {
            try Data().write(to: error)
            process.standardError = try FileHandle(forWritingTo: error)
        } else {
            process.standardError = FileHandle.nullDevice
        }
        try process.run()
    }

    /// The next bytes that it says.
    func hear() -> String { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }

    /// Ends its input, waits for it, and returns its status.
    @discardableResult
    func finish() throws -> Int32 {
        try input.fileHandleForWriting.close()
        return wait()
    }

    @discardableResult
    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }
}

/// Polls until `condition` holds; false when it never does.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Date(timeIntervalSinceNow: 600)
    while Date() < deadline {
        if try condition() { return true }
        Thread.sleep(forTimeInterval: 0.01)
    }
    return false
}
