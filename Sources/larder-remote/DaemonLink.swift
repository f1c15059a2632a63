internal import Files
internal import Synchronization
internal import Wire

/// The connection to the daemon that has started this process.
///
/// One thread reads; any number say something.
final class DaemonLink: Sendable {
    private let socket: Descriptor
    private let writing = Mutex(())
    private let unread = Mutex<[UInt8]>([])

    init(_ socket: consuming Descriptor) { self.socket = socket }

    /// The next order; nil when the daemon has ended.
    func next() -> Reply? {
        while true {
            let frame: Frame? = unread.withLock { bytes in
                guard case .frame(let frame, let length) = Frame.read(bytes[...], upTo: 4096) else { return nil }
                let whole = Frame(kind: frame.kind, payload: Array(frame.payload)[...])
                bytes.removeFirst(length)
                return whole
            }
            if let frame { return try? Reply(frame) }
            guard receive() else { return nil }
        }
    }

    private func receive() -> Bool {
        var descriptors: [SharedDescriptor] = []
        return withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 1) { buffer in
            while true {
                switch try? LocalSocket.receive(into: buffer, from: socket, descriptors: &descriptors) {
                case .bytes(let count):
                    unread.withLock { $0 += buffer[..<count] }
                    return true
                case .wouldBlock: _ = LocalSocket.wait(for: socket, upTo: 3_600_000_000_000)
                case .ended, nil: return false
                }
            }
        }
    }

    /// Tells the daemon; one that has ended does not hear it.
    func say(_ request: Request) {
        let bytes = request.frame.bytes
        writing.withLock { _ in
            bytes.withUnsafeBytes { bytes in
                var rest = bytes
                while !rest.isEmpty {
                    switch try? LocalSocket.send(rest, to: socket) {
                    case .bytes(let count): rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                    case .wouldBlock: _ = LocalSocket.wait(for: socket, toWrite: true, upTo: 1_000_000_000)
                    case .ended, nil: return
                    }
                }
            }
        }
    }
}
