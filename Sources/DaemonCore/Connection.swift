package import Files
internal import LarderStore
package import Wire

/// One launcher's or command's connection: bytes in, requests out.
///
/// It does no input or output itself.
package struct Connection {
    /// What the other side may still say.
    private enum Phase { case open, closed }

    /// Descriptors may come with a request, and no more than a publication has.
    static let descriptorLimit = 3

    private var phase = Phase.open
    private var input: [UInt8] = []
    private var passed: [SharedDescriptor] = []
    /// Bytes for the other side that did not fit yet.
    private(set) var output: [UInt8] = []
    /// The process at the other end.
    let process: Int32
    /// When a part of a frame has come and the rest has not, until when it has to.
    package private(set) var deadline: Int64 = .max

    /// How long a frame may take, in nanoseconds: its sender has it ready.
    package static let frameLimit: Int64 = 10_000_000_000

    package init(process: Int32) { self.process = process }

    /// Takes what has come; returns the requests that are whole, or nil when this is no launcher of ours.
    package mutating func receive(
        _ bytes: some Collection<UInt8>,
        _ descriptors: [SharedDescriptor],
        at now: Int64
    ) -> [(request: Request, descriptors: [SharedDescriptor])]? {
        guard phase == .open else { return [] }
        input += bytes
        passed += descriptors
        guard passed.count <= Self.descriptorLimit else { return close() }
        var requests: [(Request, [SharedDescriptor])] = []
        var start = 0
        reading: while start < input.count {
            switch Frame.read(input[start...]) {
            case .malformed: return close()
            case .partial: break reading
            case .frame(let frame, let length):
                guard let request = try? Request(frame) else { return close() }
                if case .publish = request {
                    requests.append((request, passed))
                    passed = []
                } else {
                    requests.append((request, []))
                }
                start += length
            }
        }
        input.removeFirst(start)
        if input.isEmpty {
            // A frame's memory is not kept for a connection that may wait for an hour.
            input = []
            deadline = .max
        } else if deadline == .max || start > 0 {
            deadline = now &+ Self.frameLimit
        }
        return requests
    }

    private mutating func close() -> [(request: Request, descriptors: [SharedDescriptor])]? {
        (phase, input, passed) = (.closed, [], [])
        return nil
    }

    mutating func say(_ reply: Reply) { output += reply.frame.bytes }

    /// So many bytes of ``output`` have been written.
    mutating func wrote(_ count: Int) { output.removeFirst(count) }
}
