import Foundation
import TestSupport
import Testing

/// The Rust that is installed: the first cargo in the path, or rustup's.
struct RustToolchain: Sendable {
    /// Where `bin/rustc` and `lib/rustlib` are.
    let root: String
    let hasClippy: Bool
    /// True where a macro's library holds only those functions of the standard library that it uses, so that it can be told
    /// whether it reads files; older compilers put all of them in.
    let slimsMacros: Bool

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
            return RustToolchain(root: root, hasClippy: hasClippy, slimsMacros: minorVersion(of: root) >= 90)
        }
        return nil
    }()

    /// The 95 of `rustc 1.95.0 (…)`.
    private static func minorVersion(of root: String) -> Int {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: root + "/bin/rustc")
        process.arguments = ["--version"]
        let pipe = Pipe()
        process.standardOutput = pipe
        guard (try? process.run()) != nil else { return 0 }
        let answer = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let parts = answer.split(separator: ".")
        return parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    }

    /// What a command needs to find the compiler rather than a program that stands in for it.
    static func environment(_ extra: [String: String] = [:]) throws -> [String: String] {
        guard let installed else { throw Missing() }
        let path = installed.root + "/bin:/usr/local/bin:/usr/bin:/bin"
        return ["PATH": path, "SYSROOT_OF_TEST": installed.root].merging(extra) { $1 }
    }

    struct Missing: Error {}
}
