import Files
import Foundation
import LarderStore
import Wire

/// Another process that asks the daemon for a key and says what it is told.
///
/// A process never waits for itself, so one that waits and one that is waited for have to be two.
final class OtherProcess {
    private static let script = """
        import socket, sys
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(60)
        connection.connect(sys.argv[1])
        connection.sendall(bytes.fromhex(sys.argv[2]))
        while True:
            answer = connection.recv(4096)
            if not answer:
                break
            sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()
        """

    private let process = Process()
    private let output = Pipe()
    private var bytes: [UInt8] = []

    init(_ place: DaemonPlace, asksFor key: EntryKey) throws {
        let request = Request.ask(.ours, key).frame.bytes.map { String(format: "%02x", $0) }.joined()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script, "\(place.socket)", request]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        try process.run()
    }

    /// The next thing that it is told; nil when its connection ends, or when that takes a minute.
    func answer() throws -> Reply? {
        while true {
            if case .frame(let frame, let length) = Frame.read(bytes[...]) {
                let reply = try Reply(frame)
                bytes.removeFirst(length)
                return reply
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            bytes += more
        }
    }

    /// Kills it, as anybody may at any time.
    func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
