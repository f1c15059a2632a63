internal import Glibc
internal import Synchronization

/// System calls that a test lets fail as a file system would that is not at hand.
///
/// Debug builds only: `LARDER_FAULT=rename:16:3` lets the next three calls of `rename` that ask here fail with errno 16. A
/// release build does not look.
package enum Fault {
    #if DEBUG
    private static let left: Mutex<(call: String, code: Int32, count: Int)> = {
        let words = (Environment.text("LARDER_FAULT") ?? "").split(separator: ":")
        guard words.count == 3, let code = Int32(words[1]), let count = Int(words[2]) else { return Mutex(("", 0, 0)) }
        return Mutex((String(words[0]), code, count))
    }()
    #endif

    /// Fails when the test wants `call` to fail.
    package static func check(_ call: StaticString, at path: Path) throws(SystemError) {
        #if DEBUG
        let code = left.withLock { left -> Int32? in
            guard left.count > 0, left.call == call.description else { return nil }
            left.count -= 1
            return left.code
        }
        if let code { throw SystemError(call.description, at: path, code: code) }
        #endif
    }
}
