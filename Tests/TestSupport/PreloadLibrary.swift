package import Foundation

/// The preload library, built once where the launcher looks for it: beside itself.
package enum PreloadLibrary {
    package static let path: URL? = {
        let target = Workshop.program.deletingLastPathComponent().appendingPathComponent("liblarder-trace.so")
        if Workshop.program.path.hasPrefix(repository.path + "/build/"),
            FileManager.default.fileExists(atPath: target.path)
        {
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
