import Foundation
import TestSupport
import Testing

/// The Rust that is installed: the first cargo in the path, or rustup's.
struct RustToolchain: Sendable {
    /// Where `bin/rustc` and `lib/rustlib` are.
    let root: String
    let hasClippy: Bool

    static let installed: RustToolchain? = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/"
        let places = (environment["PATH"] ?? "/usr/bin").split(separator: ":").map(String.init) + [home + "/.cargo/bin"]
        for place in places where FileManager.default.isExecutableFile(atPath: place + "/rustc") {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: place + "/rustc")
            process.arguments = ["--print", "sysroot"]
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { continue }
            let answer = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            let root = answer.trimmingCharacters(in: .whitespacesAndNewlines)
            guard process.terminationStatus == 0,
                FileManager.default.isExecutableFile(atPath: root + "/bin/rustc"),
                FileManager.default.isExecutableFile(atPath: root + "/bin/cargo")
            else { continue }
            let hasClippy = FileManager.default.isExecutableFile(atPath: root + "/bin/clippy-driver")
            return RustToolchain(root: root, hasClippy: hasClippy)
        }
        return nil
    }()

    /// What a command needs to find the compiler rather than a program that stands in for it.
    static func environment(_ extra: [String: String] = [:]) throws -> [String: String] {
        guard let installed else { throw Missing() }
        let path = installed.root + "/bin:/usr/local/bin:/usr/bin:/bin"
        return ["PATH": path, "SYSROOT_OF_TEST": installed.root].merging(extra) { $1 }
    }

    struct Missing: Error {}
}
