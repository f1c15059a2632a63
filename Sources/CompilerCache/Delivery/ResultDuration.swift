package import LarderStore

/// What a compile took whose result is kept.
package enum ResultDuration {
    /// In microseconds; 0 where the parts of the result do not say.
    package static func microseconds(in parts: [EntryStore.Part], kind: UInt8) -> Int64 {
        let isDriver = kind == EntryKind.outputs.rawValue
        guard let part = parts.first(where: { $0.name == (isDriver ? "result" : CompileResult.duration) }) else {
            return 0
        }
        // Behind the version and the status, see ``DriverResult``.
        let bytes = part.bytes.dropFirst(isDriver ? 2 : 0).prefix(8)
        guard bytes.count == 8 else { return 0 }
        return Int64(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
}
