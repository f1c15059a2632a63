import CompilerCache
import DaemonCore
import Files
import Foundation
import Synchronization
import TestSupport
import Wire

/// A daemon in this process, which keeps nothing of what it has accepted before it is let.
///
/// What lies between a compile and its publication is as long as a test wants it to be.
final class HeldDaemon: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let cancellation = Cancellation()
    let cache: Path

    init(for workshop: Workshop) throws {
        try FileManager.default.createDirectory(
            at: workshop.cache,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        cache = Path(workshop.cache.path)
        try FileManager.default.createDirectory(
            atPath: "\(try place.directory)",
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let memo = InputMemo()
        let gate = gate
        let started = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            defer { ended.signal() }
            let work: Daemon.Work = { job in
                gate.wait()
                let kept = CompilerCache.keep(
                    job.bytes,
                    job.descriptors,
                    in: job.home.descriptor.pathOfDirectory,
                    memo: memo
                )
                return Daemon.Kept(keys: kept.keys, remote: kept.remote)
            }
            let daemon = try? Daemon(for: cache, say: { _ in started.signal() }, work: work, flush: { _ in })
            try? daemon?.run(until: cancellation)
        }
        started.wait()
    }

    var place: DaemonPlace {
        get throws {
            guard let place = DaemonPlace.of(cache) else { throw CocoaError(.fileNoSuchFile) }
            return place
        }
    }

    var status: DaemonStatus? { DaemonClient.of(cache)?.status() }

    /// Lets it keep what it has accepted, and waits for that.
    func settle() -> Bool {
        for _ in 0..<200 { gate.signal() }
        return DaemonClient.of(cache)?.drain(upTo: 20_000_000_000) ?? false
    }

    func end() {
        for _ in 0..<200 { gate.signal() }
        cancellation.cancel()
        ended.wait()
        ended.signal()
    }
}

extension Workshop {
    /// Has the launcher ask the daemon that serves ``cache``, where this process would look for it.
    static var withDaemon: [String: String] {
        var environment = ["LARDER_DAEMON": "auto"]
        if let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] {
            environment["XDG_RUNTIME_DIR"] = runtime
        }
        return environment
    }

    /// Compiles with the daemon's help; expects success.
    @discardableResult
    func compile(_ words: [String], in directory: String = "", _ extra: [String: String] = [:]) throws -> Outcome {
        try larder(words, in: directory, environment: Self.withDaemon.merging(extra) { $1 })
    }
}

/// Looks again until `isTrue`; false after 20 seconds.
func eventually(_ isTrue: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<4000 {
        if try isTrue() { return true }
        usleep(5000)
    }
    return false
}
