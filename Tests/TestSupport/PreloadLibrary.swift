package import Foundation

/// The preload library, built once where the launcher looks for it: beside itself.
package enum PreloadLibrary {
    package static let path: URL? = {
        let target = Workshop.program.deletingLastPathComponent().appendingPathComponent("liblarder-trace.so")
        // Beside the programs that LARDER_TEST_PROGRAMS names it is part of what is tested.
        if Workshop.program != Workshop.debugLarder, FileManager.default.fileExists(atPath: target.path) {
            return target
        }
        let process = Process()
        process.executableURL = repository.appendingPathComponent("scripts/build-trace.sh")
        process.arguments = [target.path]
        do { try process.run() } catch { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? target : nil
    }()

    /// The directory of this repository.
    package static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
