package import Foundation

extension Process {
    /// Ends it for certain: what is started by a thread that has signals blocked never hears of SIGTERM.
    package func kill() {
        if isRunning { Foundation.kill(processIdentifier, SIGKILL) }
    }
}
