internal import Files
internal import LarderStore
internal import Synchronization

/// What a process that records one compile after another remembers of the files that they have read: most headers of a
/// project are read by most of its compiles.
///
/// It is found by a file's identity. Only identities that had settled before the compile go in, as in a manifest.
package final class InputMemo: Sendable {
    /// How a file is read as a source; the same bytes say different things to different compilers.
    struct Dialect: Hashable, Sendable {
        var isAssembler: Bool
        var hasRawStrings: Bool
    }

    struct Input: Sendable {
        var digest: Digest
        /// Nil for what is no source.
        var scan: SourceScan?
    }

    private struct Key: Hashable, Sendable {
        var identity: FileIdentity
        /// Nil where the file was not read as a source.
        var dialect: Dialect?
    }

    private struct State: Sendable {
        var inputs: [Key: Input] = [:]
        var cost = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// A memo for sources of `limit` bytes in all.
    ///
    /// A scan keeps names and inclusions, on an average an eighth of what was read.
    package init(limit: Int = 48 << 20) { self.limit = limit }

    func input(_ identity: FileIdentity, _ dialect: Dialect?) -> Input? {
        state.withLock { $0.inputs[Key(identity: identity, dialect: dialect)] }
    }

    func remember(_ input: Input, of identity: FileIdentity, _ dialect: Dialect?, length: Int) {
        // Something also for what is empty; a large file is hardly a header.
        let cost = length + 1024
        guard cost <= limit / 16 else { return }
        state.withLock { state in
            // All at once: what is in use comes back with the next compile, and nobody keeps account.
            if state.cost + cost > limit { state = State() }
            if state.inputs.updateValue(input, forKey: Key(identity: identity, dialect: dialect)) == nil {
                state.cost += cost
            }
        }
    }
}
