/// A path exactly as the kernel takes it: any bytes but NUL, never normalised.
///
/// A compiler's command line may hold any bytes, and what stands in it reaches dependency files and
/// diagnostics unchanged. A type that repairs UTF-8 or folds `a//b` would change them, so this one does neither.
/// The bytes are kept with their final NUL, so a system call needs no copy.
public struct Path: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The bytes and the NUL that ends them.
    @usableFromInline let terminated: [UInt8]

    /// Creates a path from the bytes of `text`; what follows a NUL is dropped.
    public init(_ text: String) { self.init(bytes: text.utf8) }

    /// Creates a path from a literal.
    public init(stringLiteral value: String) { self.init(value) }

    /// Creates a path from raw bytes; what follows a NUL is dropped.
    ///
    /// Inlinable, as everything generic on the way of a hit must be: a module that calls it unspecialised has the
    /// runtime look for conformances, and the first such search of a process takes a tenth of a millisecond.
    @inlinable
    public init(bytes: some Sequence<UInt8>) { self.init(terminating: Array(bytes)) }

    @usableFromInline
    init(terminating bytes: [UInt8]) {
        var terminated = bytes
        if let end = terminated.firstIndex(of: 0) { terminated.removeSubrange(end...) }
        terminated.append(0)
        self.terminated = terminated
    }

    /// The bytes without the final NUL.
    public var bytes: ArraySlice<UInt8> { terminated.dropLast() }

    /// The path as text; bytes that are not UTF-8 are shown as U+FFFD.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// True for the empty path.
    public var isEmpty: Bool { terminated.count == 1 }

    /// True when the path starts at the root directory.
    public var isAbsolute: Bool { terminated[0] == UInt8(ascii: "/") }

    /// The path with `component` behind it, separated by one slash.
    public func appending(_ component: String) -> Path { appending(bytes: component.utf8) }

    /// The path with the bytes of `component` behind it, separated by one slash.
    @inlinable
    public func appending(bytes component: some Collection<UInt8>) -> Path { appending(array: Array(component)) }

    @usableFromInline
    func appending(array component: [UInt8]) -> Path {
        var joined = Array(bytes)
        if joined.last != UInt8(ascii: "/"), !joined.isEmpty { joined.append(UInt8(ascii: "/")) }
        joined.append(contentsOf: component)
        return Path(bytes: joined)
    }

    /// The path with `suffix` put directly behind it, with no slash.
    public func appending(suffix: String) -> Path { Path(bytes: Array(bytes) + Array(suffix.utf8)) }

    /// The directory that holds the last component: `.` where the path has none, `/` for the root's children.
    public var parent: Path {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? "/" : Path(bytes: bytes[..<slash])
    }

    /// What follows the last slash.
    public var name: ArraySlice<UInt8> {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes }
        return bytes[(slash + 1)...]
    }

    /// This path seen from `directory`: itself when absolute.
    public func resolved(in directory: Path) -> Path { isAbsolute ? self : directory.appending(bytes: bytes) }

    /// Calls `body` with the bytes as a C string.
    @inlinable @inline(__always)
    public func withCString<R, E: Error>(_ body: (UnsafePointer<CChar>) throws(E) -> R) throws(E) -> R {
        try terminated.withUnsafeBufferPointer { (buffer) throws(E) -> R in
            // The array always holds at least its NUL, so it has a base address.
            try body(UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped).assumingMemoryBound(to: CChar.self))
        }
    }
}
