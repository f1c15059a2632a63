import Files
import Foundation
import LarderStore
import Wire

/// One that speaks to a daemon by hand.
final class HostileClient: Sendable {
    private let socket: SharedDescriptor

    init(_ place: DaemonPlace) throws { socket = SharedDescriptor(try LocalSocket.connect(to: place.socket)) }

    /// Writes as much as there is room for; false when the other end is closed.
    @discardableResult
    func send(_ bytes: [UInt8], _ descriptors: [CInt] = []) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard let progress = try? LocalSocket.send(bytes, with: descriptors, to: socket.descriptor) else {
                return false
            }
            return progress != .ended
        }
    }

    @discardableResult
    func send(_ request: Request, _ descriptors: [CInt] = []) -> Bool { send(request.frame.bytes, descriptors) }

    /// Writes all of `bytes`, waiting for room as long as it takes; false when the other end is closed, nil when there is no
    /// room within 20 seconds.
    func sendAll(_ bytes: [UInt8]) -> Bool? {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard LocalSocket.wait(for: socket.descriptor, toWrite: true, upTo: 20_000_000_000) else { return nil }
            switch rest.withUnsafeBytes({ try? LocalSocket.send($0, to: socket.descriptor) }) {
            case .bytes(let count): rest = rest.dropFirst(count)
            case .wouldBlock: break
            case .ended, nil: return false
            }
        }
        return true
    }

    /// The next answer; nil when the connection ends, or after 20 seconds.
    func answer() -> Reply? {
        var bytes: [UInt8] = []
        while case .partial(let length) = Frame.read(bytes[...]) {
            guard LocalSocket.wait(for: socket.descriptor, upTo: 20_000_000_000) else { return nil }
            var descriptors: [SharedDescriptor] = []
            let isWhole = withUnsafeTemporaryAllocation(byteCount: (length ?? 4) - bytes.count, alignment: 1) {
                buffer in
                guard
                    case .bytes(let count)? = try? LocalSocket.receive(
                        into: buffer,
                        from: socket.descriptor,
                        descriptors: &descriptors
                    )
                else { return false }
                bytes += buffer[..<count]
                return true
            }
            guard isWhole else { return nil }
        }
        guard case .frame(let frame, _) = Frame.read(bytes[...]) else { return nil }
        return try? Reply(frame)
    }

    /// True when the daemon has closed the connection, or closes it within 20 seconds, whatever it says before.
    var isClosed: Bool {
        while LocalSocket.wait(for: socket.descriptor, upTo: 20_000_000_000) {
            var descriptors: [SharedDescriptor] = []
            let progress = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) {
                try? LocalSocket.receive(into: $0, from: socket.descriptor, descriptors: &descriptors)
            }
            if progress == .ended || progress == nil { return true }
        }
        return false
    }
}

extension EntryKey {
    /// A key of its own for each number.
    static func numbered(_ number: Int) -> EntryKey { EntryKey(digest: Digest.of(Array("\(number)".utf8))) }
}
