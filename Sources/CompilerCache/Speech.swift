internal import Files

/// Where a compiler's words go: to our own streams at once, or into memory until others have had their say.
final class Speech {
    /// What was said so far, in order; nil where nothing is held back.
    private(set) var held: [CapturedStreams]?

    init(isHeld: Bool) { held = isHeld ? [] : nil }

    /// False when our streams did not take all of it.
    func say(_ streams: CapturedStreams) -> Bool {
        guard held != nil else { return streams.replay() }
        held?.append(streams)
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
