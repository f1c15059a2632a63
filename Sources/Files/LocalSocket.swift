internal import CLinux
internal import Glibc

/// Sockets in the file system, between processes of one user on one machine.
package enum LocalSocket {
    /// The other end of a connection, as the kernel saw it when the connection was made.
    package struct Peer: Sendable, Equatable {
        package var user: UInt32
        package var process: Int32
    }

    /// What an attempt to read or write on a connection came to; nobody waits in any of them.
    package enum Progress: Sendable, Equatable {
        case bytes(Int)
        /// Nothing to read, or no room to write.
        case wouldBlock
        /// The other process has closed its end, or is no more.
        case ended
    }

    /// A socket that listens at `path`, where nothing may be yet; its file is the user's alone.
    package static func listen(at path: Path) throws(SystemError) -> Descriptor {
        let raw = path.withCString { larder_listen($0) }
        guard raw >= 0 else { throw SystemError("bind", at: path) }
        return Descriptor(owning: raw)
    }

    /// A TCP socket that only processes of this machine reach.
    package static func listen(atLoopbackPort port: UInt16) throws(SystemError) -> Descriptor {
        let raw = larder_listen_loopback(port)
        guard raw >= 0 else { throw SystemError("bind") }
        return Descriptor(owning: raw)
    }

    /// A connection to whoever listens at `path`; fails at once where nobody does.
    package static func connect(to path: Path) throws(SystemError) -> Descriptor {
        let raw = path.withCString { larder_connect($0) }
        guard raw >= 0 else { throw SystemError("connect", at: path) }
        return Descriptor(owning: raw)
    }

    /// One end of a connection that has no name; `other` takes the other end, and starts a program with it, say.
    ///
    /// Nil where that says false.
    package static func pair(_ other: (SharedDescriptor) -> Bool) throws(SystemError) -> Descriptor? {
        var (near, far): (CInt, CInt) = (-1, -1)
        guard larder_socket_pair(&near, &far) == 0 else { throw SystemError("socketpair") }
        let ours = Descriptor(owning: near)
        guard other(SharedDescriptor(Descriptor(owning: far))) else { return nil }
        return ours
    }

    /// The next connection to a listening socket; nil where there is none now.
    package static func accept(_ socket: borrowing Descriptor) throws(SystemError) -> Descriptor? {
        let raw = larder_accept(socket.raw)
        guard raw < 0 else { return Descriptor(owning: raw) }
        if errno == EAGAIN || errno == EINTR || errno == ECONNABORTED { return nil }
        throw SystemError("accept4")
    }

    /// Who is at the other end; nil where the kernel does not say.
    package static func peer(of connection: borrowing Descriptor) -> Peer? {
        var peer = Peer(user: 0, process: 0)
        return larder_peer(connection.raw, &peer.user, &peer.process) == 0 ? peer : nil
    }

    /// True when it is this very user who is at the other end.
    package static func isOurs(_ connection: borrowing Descriptor) -> Bool {
        peer(of: connection)?.user == geteuid()
    }

    /// Lets the process at the other end go on where somebody has stopped it.
    package static func wake(_ connection: borrowing Descriptor) {
        guard let peer = peer(of: connection) else { return }
        _ = larder_continue(peer.process, connection.raw)
    }

    /// Writes what there is room for, and with the first byte the descriptors, of which the other process gets its own.
    package static func send(
        _ bytes: UnsafeRawBufferPointer,
        with descriptors: [CInt] = [],
        to connection: borrowing Descriptor
    ) throws(SystemError) -> Progress {
        let count = larder_send(connection.raw, bytes.baseAddress, bytes.count, descriptors, CInt(descriptors.count))
        if count >= 0 { return .bytes(count) }
        switch errno {
        case EAGAIN, EINTR: return .wouldBlock
        case EPIPE, ECONNRESET: return .ended
        default: throw SystemError("sendmsg")
        }
    }

    /// Reads what is there, and takes the descriptors that came with it.
    package static func receive(
        into buffer: UnsafeMutableRawBufferPointer,
        from connection: borrowing Descriptor,
        descriptors: inout [SharedDescriptor]
    ) throws(SystemError) -> Progress {
        var raw: (CInt, CInt, CInt, CInt) = (-1, -1, -1, -1)
        var passed: CInt = 0
        let count = withUnsafeMutableBytes(of: &raw) { raw in
            larder_receive(
                connection.raw,
                buffer.baseAddress,
                buffer.count,
                raw.bindMemory(to: CInt.self).baseAddress,
                &passed
            )
        }
        let reason = errno
        for (number, descriptor) in [raw.0, raw.1, raw.2, raw.3].enumerated() where number < passed {
            descriptors.append(SharedDescriptor(Descriptor(owning: descriptor)))
        }
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended }
        switch reason {
        case EAGAIN, EINTR: return .wouldBlock
        case ECONNRESET: return .ended
        default: throw SystemError("recvmsg", code: reason)
        }
    }

    /// True when the other process has closed its end, though there may still be something to read.
    package static func hasEnded(_ connection: borrowing Descriptor) -> Bool {
        var watched = pollfd(fd: connection.raw, events: 0, revents: 0)
        return poll(&watched, 1, 0) > 0 && Int32(watched.revents) & (POLLHUP | POLLERR) != 0
    }

    /// Waits until there is something to read on the connection, or room to write, for at most so many nanoseconds;
    /// false when there is nothing by then.
    ///
    /// Where the system does not say, it may be so: whoever tries will see.
    package static func wait(
        for connection: borrowing Descriptor,
        toWrite writes: Bool = false,
        upTo nanoseconds: Int64
    ) -> Bool {
        let end = Clock.monotonic &+ max(nanoseconds, 0)
        while true {
            let rest = max(0, end - Clock.monotonic)
            var watched = pollfd(fd: connection.raw, events: Int16(writes ? POLLOUT : POLLIN), revents: 0)
            let ready = poll(&watched, 1, CInt(clamping: (rest + 999_999) / 1_000_000))
            if ready > 0 { return true }
            let isInterrupted = errno == EINTR
            if ready == 0 || larder_interruption() != 0 || rest == 0 { return false }
            if !isInterrupted {
                Clock.sleep(1_000_000)
                return true
            }
        }
    }
}

/// A descriptor with several owners, closed with the last of them.
package final class SharedDescriptor: Sendable {
    package let descriptor: Descriptor
    package init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// Waits for several descriptors at a time.
package struct Poller {
    /// One descriptor to look at.
    package struct Interest {
        package var descriptor: CInt
        package var writes: Bool
        /// Set by ``Poller/wait(_:upTo:)``.
        package fileprivate(set) var isReady = false

        package init(_ descriptor: CInt, writes: Bool = false) {
            self.descriptor = descriptor
            self.writes = writes
        }
    }

    /// Waits until one of them can be read, or written where that was asked for too, or its other end is gone.
    ///
    /// Returns early, with nothing ready, when a signal was handled; false where the system cannot wait at all.
    package static func wait(_ interests: inout [Interest], upTo milliseconds: Int32) -> Bool {
        var watched = interests.map {
            pollfd(fd: $0.descriptor, events: Int16($0.writes ? POLLIN | POLLOUT : POLLIN), revents: 0)
        }
        let count = poll(&watched, nfds_t(watched.count), milliseconds)
        let isDone = count >= 0 || errno == EINTR
        for index in interests.indices { interests[index].isReady = count > 0 && watched[index].revents != 0 }
        return isDone
    }
}

/// Wakes a thread that waits in a ``Poller``.
package struct Wakeup: ~Copyable, Sendable {
    private let event: Descriptor

    package init() throws(SystemError) {
        let raw = larder_event()
        guard raw >= 0 else { throw SystemError("eventfd") }
        event = Descriptor(owning: raw)
    }

    /// To be waited for.
    package var descriptor: CInt { event.raw }

    /// From any thread.
    package func signal() { larder_event_set(event.raw) }

    /// Takes note, so that the next wait is a wait again.
    package func clear() {
        var count: UInt64 = 0
        _ = Glibc.read(event.raw, &count, MemoryLayout<UInt64>.size)
    }

    /// Waits for the signal, at most so many nanoseconds; false when none came.
    package func wait(upTo nanoseconds: Int64) -> Bool { LocalSocket.wait(for: event, upTo: nanoseconds) }
}
