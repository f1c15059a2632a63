internal import Files

/// Where a compiler's words go: to our own streams as they come, or into memory until others have had their say.
final class OutputSink {
    /// What was said so far, in order; nil where nothing is held back.
    private(set) var held: [CapturedStreams]?
    /// The output of the compiler that ran last.
    private(set) var relay: OutputRelay?

    init(isHeld: Bool) { held = isHeld ? [] : nil }

    /// False when our streams did not take all of it.
    func say(_ streams: CapturedStreams) -> Bool {
        guard held != nil else { return streams.replay() }
        held?.append(streams)
        return true
    }

    /// A compiler begins to speak.
    func begin(_ relay: OutputRelay) { self.relay = relay }

    /// The compiler that spoke last has had its say; false when our streams did not take all of it.
    func finish() -> Bool {
        guard let relay else { return true }
        guard held != nil else { return relay.release() }
        held?.append(relay.streams)
        return true
    }

    /// Says what was held back; false when our streams did not take all of it.
    func release() -> Bool {
        var isWhole = true
        for streams in held ?? [] where !streams.replay() { isWhole = false }
        held = held.map { _ in [] }
        return isWhole
    }
}
