internal import Files
internal import LarderStore
internal import RemoteTiers
internal import Synchronization

/// One tier of a remote cache: where it is, how it is reached, and how it does.
///
/// Safe to use from many tasks at once.
final class KnownTier: Sendable {
    private struct State {
        var health: TierHealth
        var absent = AbsentKeys()
        /// Tries a tier that has failed.
        var trial: Task<Void, Never>?
    }

    let address: TierAddress
    private let tier: any RemoteTier
    private let state: Mutex<State>
    /// Hears once, in one sentence, that the tier rests.
    private let say: @Sendable (String) -> Void

    init(
        _ address: TierAddress,
        _ tier: any RemoteTier,
        patience: Int64? = nil,
        say: @escaping @Sendable (String) -> Void
    ) {
        (self.address, self.tier, self.say) = (address, tier, say)
        state = Mutex(
            State(health: TierHealth(patience: address.timeout.map { Int64($0) * 1_000_000_000 } ?? patience))
        )
    }

    var health: TierHealth { state.withLock { $0.health } }

    /// What a look into the tier gave.
    enum Answer {
        /// As it is kept there, and decoded.
        case value(PortableValue, bytes: [UInt8])
        /// There is nothing, or nothing that is used, or nobody was asked.
        case nothing
    }

    /// What is kept under `key`; asks nobody where the tier rests, or has said a moment ago that there is nothing.
    ///
    /// - Parameter limit: the longest time, in nanoseconds; nil for what the tier usually takes.
    func get(_ key: EntryKey, trusted: [[UInt8]], within limit: Int64? = nil) async -> Answer {
        let started = Clock.monotonic
        let allowed: Int64? = state.withLock { state in
            guard state.health.mayAsk(at: started), !state.absent.contains(key, at: started) else { return nil }
            return limit ?? state.health.timeLimit
        }
        guard address.reads, let allowed else { return .nothing }
        do throws(TierFailure) {
            let bytes = try await tier.get(Self.name(of: key), within: allowed)
            let now = Clock.monotonic
            guard let bytes else {
                state.withLock { state in
                    state.health.missed(in: now - started, at: now)
                    state.absent.insert(key, at: now)
                }
                return .nothing
            }
            return await LongWork.perform(bytes.count) { take(bytes, of: key, trusted, started, now) }
        } catch {
            note(error)
            return .nothing
        }
    }

    private func take(_ bytes: [UInt8], of key: EntryKey, _ trusted: [[UInt8]], _ started: Int64, _ now: Int64)
        -> Answer
    {
        do throws(PortableValue.Defect) {
            let value = try PortableValue(decoding: bytes, of: key, trusted: trusted, limit: 256 << 20)
            let saved = value.entries.reduce(0) { $0 + $1.nanosecondsSaved }
            state.withLock { $0.health.found(in: now - started, bytes: bytes.count, saving: saved, at: now) }
            return .value(value, bytes: bytes)
        } catch {
            state.withLock { state in
                state.health.rejected(error, in: now - started, at: now)
                // What is there will not be another thing for a while.
                state.absent.insert(key, at: now)
            }
            return .nothing
        }
    }

    /// Stores `bytes` under `key`, where the tier is written to and has not failed of late; true where they are there now.
    @discardableResult
    func put(_ key: EntryKey, _ bytes: [UInt8], within limit: Int64 = 30_000_000_000) async -> Bool {
        guard address.writes, bytes.count <= address.maximumEntry,
            state.withLock({ $0.health.mayWrite(at: Clock.monotonic) })
        else { return false }
        do throws(TierFailure) {
            try await tier.put(Self.name(of: key), bytes, within: limit)
            state.withLock { state in
                state.health.wrote(bytes: bytes.count)
                state.absent.remove(key)
            }
            return true
        } catch {
            // What it gives is another matter.
            switch state.withLock({ $0.health.refusedWrite(error, at: Clock.monotonic) }) {
            case nil: note(error)
            case 0?: break
            case let rest?:
                say("\(address.display) is not written to for \((rest + 500_000_000) / 1_000_000_000) s: \(error)")
            }
            return false
        }
    }

    /// One question and one answer, whatever is known of the tier: for who tests it.
    func attempt(_ key: String, _ bytes: [UInt8]?) async throws(TierFailure) -> [UInt8]? {
        if let bytes { try await tier.put(key, bytes, within: 5_000_000_000) }
        return try await tier.get(key, within: 5_000_000_000)
    }

    func close() async {
        state.withLock { $0.trial?.cancel() }
        await tier.close()
    }

    private func note(_ failure: TierFailure) {
        let (rest, isFirst): (Int64?, Bool) = state.withLock { state in
            let now = Clock.monotonic
            guard state.health.failed(failure, at: now) else { return (nil, false) }
            return (state.health.restsUntil - now, state.health.counts.rests == 1)
        }
        guard let rest else { return }
        say("\(address.display) is left alone for \((rest + 500_000_000) / 1_000_000_000) s: \(failure)")
        // A server that is merely far away is known in a moment: its connection has taken longer than a build waits. One that is
        // slow again would cost the same again.
        let isFar = isFirst && failure.kind == .timedOut
        let trial = Task { await self.tryAgain(after: isFar ? 0 : rest) }
        state.withLock { $0.trial = trial }
    }

    /// Asks for what is not there until there is an answer; no build waits for that.
    private func tryAgain(after pause: Int64) async {
        var pause = pause
        while (try? await Task.sleep(for: .nanoseconds(pause))) != nil {
            let started = Clock.monotonic
            do throws(TierFailure) {
                _ = try await tier.get(Self.trialName, within: Self.trialTime)
                let now = Clock.monotonic
                state.withLock { $0.health.recovered(in: now - started, at: now) }
                return
            } catch {
                pause = state.withLock { state in
                    let now = Clock.monotonic
                    state.health.isStillDown(error, at: now)
                    return state.health.restsUntil - now
                }
            }
        }
    }

    private static let trialName = "larder-" + String(repeating: "0", count: 64)
    private static let trialTime: Int64 = 5_000_000_000

    private static func name(of key: EntryKey) -> String { "larder-\(key.digest.hex)" }
}
