internal import Files
package import LarderStore
package import RemoteTiers
internal import Synchronization

/// What other machines have made, in one or more tiers: entries are brought from the first that has them, and sent to each.
///
/// Safe to use from many tasks at once.
package final class RemoteCache: Sendable {
    let tiers: [KnownTier]
    let exchange: Exchange
    let trusted: [[UInt8]]
    let signer: Signer?
    /// What is being sent from one tier to another.
    private let fillings = TaskSet()
    /// Results that manifests have spoken of, which may be long.
    private let results = Mutex<Set<EntryKey>>([])
    private static let resultLimit = 20_000
    /// How long one may take, in nanoseconds: below what the daemon has patience for.
    private static let resultTime: Int64 = 8_000_000_000

    /// A result up to this length comes with its manifest, so that a hit takes one question.
    private static let inlineLimit = 128 << 10

    /// - Parameters:
    ///   - addresses: the tiers, as in the setting `remote`.
    ///   - store: where entries are brought to, and taken from.
    ///   - patience: how long an answer may take, in nanoseconds, where somebody waits for all of them; nil where a build goes
    ///     on without. An address's own `timeout` comes first.
    ///   - say: hears what a person should know, one sentence at a time.
    package init(
        _ settings: Settings,
        at addresses: [UInt8],
        store: EntryStore,
        patience: Int64? = nil,
        say: @escaping @Sendable (String) -> Void
    ) throws(RemoteProblem) {
        exchange = Exchange(for: store)
        trusted = try RemoteSecrets.trusted(settings)
        signer = try settings.remoteKey.map { path throws(RemoteProblem) in try RemoteSecrets.signer(at: path) }
        var tiers: [KnownTier] = []
        for word in addresses.split(separator: UInt8(ascii: " ")) {
            // One that cannot be used is left out: the others may do.
            do throws(RemoteProblem) {
                tiers.append(try Self.open(String(decoding: word, as: UTF8.self), patience, say))
            } catch {
                say(error.sentence)
            }
        }
        self.tiers = tiers
    }

    private static func open(_ text: String, _ patience: Int64?, _ say: @escaping @Sendable (String) -> Void)
        throws(RemoteProblem)
        -> KnownTier
    {
        let address: TierAddress
        do throws(TierAddress.Problem) { address = try TierAddress(text) } catch { throw RemoteProblem("\(error)") }
        guard !address.isPlainBeyondPrivateNetworks || address.isInsecureAllowed else {
            throw RemoteProblem(
                "\(address.display) is not used: what goes there can be read and changed on its way; "
                    + "use a protocol with TLS, or add |insecure=yes"
            )
        }
        let secrets = try RemoteSecrets.of(address)
        do throws(TierFailure) {
            let tier = try Tiers.open(address, secrets) { Clock.wall / 1_000_000_000 }
            return KnownTier(address, tier, patience: patience, say: say)
        } catch {
            throw RemoteProblem("\(address.display) is not used: \(error)")
        }
    }

    // MARK: - From there

    /// Brings what is kept under `key` into the store; false where no tier has it, or none could be asked.
    package func bring(_ key: EntryKey) async -> Bool {
        let limit = results.withLock { $0.contains(key) } ? Self.resultTime : nil
        for (index, tier) in tiers.enumerated() {
            guard case .value(let value, let bytes) = await tier.get(key, trusted: trusted, within: limit) else {
                continue
            }
            guard await LongWork.perform(bytes.count, { keep(value, key) }) else { continue }
            // What is found behind is sent to those in front, when there is time.
            for front in tiers[..<index] where front.address.reads && front.address.writes {
                fillings.start { await front.put(key, bytes) }
            }
            return true
        }
        return false
    }

    private func keep(_ value: PortableValue, _ key: EntryKey) -> Bool {
        guard case .kept(let known) = exchange.keep(value, key) else { return false }
        results.withLock { results in
            if results.count > Self.resultLimit { results = [] }
            results.formUnion(known)
        }
        return true
    }

    // MARK: - To there

    /// What became of a result that was to be sent.
    package enum Sending: Sendable {
        /// A tier has it now, and what leads to it.
        case sent
        /// It is not in this cache any more, or holds for this machine only.
        case missing
        /// It is longer than each tier takes.
        case tooLong
        /// No tier is written to, or none has taken it.
        case failed
    }

    /// Sends a manifest and a result to each tier that is written to.
    @discardableResult
    package func send(manifest key: EntryKey, result: EntryKey) async -> Sending {
        let written = tiers.filter(\.address.writes)
        guard !written.isEmpty else { return .failed }
        guard let found = exchange.entries(key, result),
            let value = PortableValue([found.result]).encoded(by: signer)
        else { return .missing }
        var entries = [found.manifest]
        if key != result, found.result.size <= Self.inlineLimit { entries.append(found.result) }
        guard let index = PortableValue(entries).encoded(by: signer) else { return .missing }
        let length = max(value.count, key == result ? 0 : index.count)
        guard written.contains(where: { $0.address.maximumEntry >= length }) else { return .tooLong }
        var isSent = false
        for tier in written where await tier.put(result, value) {
            if key == result { isSent = true } else if await tier.put(key, index) { isSent = true }
        }
        return isSent ? .sent : .failed
    }

    /// Waits until the tiers in front have what was found behind.
    package func fill() async { await fillings.end() }

    /// Ends all connections.
    package func close() async { for tier in tiers { await tier.close() } }

    // MARK: - What is known

    /// What can be said of a tier.
    package struct Report: Sendable {
        package var address: TierAddress
        package var health: TierHealth
    }

    package var reports: [Report] { tiers.map { Report(address: $0.address, health: $0.health) } }

    /// What a test of a tier has shown: nil where it can be read and written as its address says.
    package func test(_ index: Int) async -> String? {
        let tier = tiers[index]
        let key = "larder-" + Digest.of(Array("larder-remote-test \(CurrentProcess.id) \(Clock.wall)".utf8)).hex
        let value = Array("larder-remote-test".utf8)
        do throws(TierFailure) {
            let answer = try await tier.attempt(key, tier.address.writes ? value : nil)
            if tier.address.writes, tier.address.reads, answer != value {
                return "what was written is not there when it is read"
            }
            return nil
        } catch {
            return error.description
        }
    }
}
