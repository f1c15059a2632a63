import Foundation

/// Ports of the loopback for servers that tests start.
package enum FreePort {
    struct NoneLeft: Error {}

    /// A port that nobody listens on now, and that no other test gets while this process lives.
    ///
    /// It lies below those that Linux gives to connections (ip(7), `ip_local_port_range`). One of these could be taken by a
    /// connection before the server listens, and whoever looks whether the server is there could be connected to himself.
    package static func take() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 10_000..<32_768)
            if claim(port), isFree(port) { return port }
        }
        throw NoneLeft()
    }

    /// Holds a name for the port that all processes see; the kernel lets go of it when this process ends.
    private static func claim(_ port: Int) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The first byte stays zero: a name that is no file's.
        withUnsafeMutableBytes(of: &address.sun_path) { $0[1...].copyBytes(from: "larder-test-port-\(port)".utf8) }
        return bind(&address, AF_UNIX) != nil
    }

    private static func isFree(_ port: Int) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        guard let descriptor = bind(&address, AF_INET) else { return false }
        close(descriptor)
        return true
    }

    /// A new socket at `address`; nil where somebody has that.
    private static func bind<Address>(_ address: inout Address, _ family: Int32) -> Int32? {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // A child that another thread has just begun may hold the port for a moment, which is to be no hindrance to a server.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
        if !isBound { close(descriptor) }
        return isBound ? descriptor : nil
    }
}
