internal import Files
internal import LarderStore

/// A whole build at once: sent when it has ended, and brought before the next one begins.
///
/// A list of what the build used lies in the tiers, too, under a key that is made of its name:
///
///     value ::= a ``PortableValue`` with one entry of kind 0 and one part, "results"
///     part  ::= (manifest:32 result:32)*
///
/// Version history: 1, the first; the version is in the domain of the key.
extension RemoteCache {
    /// What became of the results of a build.
    package struct Transfer: Sendable {
        /// Results that are there now, and were not known to be before.
        package var done = 0
        /// Results that were here already.
        package var known = 0
        /// Results that were not sent or not found.
        package var failed = 0
        /// Results that are not in this cache any more, or that are not for other machines.
        package var missing = 0
        /// Results that are longer than the tiers take.
        package var tooLong = 0
    }

    /// Questions and answers under way at a time.
    private static let width = 16
    /// The longest list that is read.
    private static let listLimit = 1_000_000

    /// Sends the results `pairs`, and a list of those that were sent as `session`, to each tier that is written to.
    ///
    /// False as the second value where no tier took the list.
    package func push(_ pairs: [Pack.Pair], as session: String, of namespace: [UInt8]) async -> (Transfer, Bool) {
        var transfer = Transfer()
        var sent: Set<Pack.Pair> = []
        await each(pairs) { pair in
            await self.send(manifest: pair.manifest, result: pair.result)
        } then: { pair, sending in
            switch sending {
            case .sent:
                transfer.done += 1
                sent.insert(pair)
            case .missing: transfer.missing += 1
            case .tooLong: transfer.tooLong += 1
            case .failed: transfer.failed += 1
            }
        }
        let key = Self.key(of: session, namespace)
        let bytes = pairs.filter(sent.contains).flatMap { $0.manifest.digest.bytes + $0.result.digest.bytes }
        let part = EntryStore.Part(name: "results", bytes: bytes)
        guard let value = PortableValue([PortableEntry(key: key, kind: 0, parts: [part])]).encoded(by: signer) else {
            return (transfer, false)
        }
        var isListed = false
        for tier in tiers where await tier.put(key, value) { isListed = true }
        return (transfer, isListed)
    }

    /// Brings the results of a build that was pushed as `session`; nil where no tier has a list of that name.
    package func pull(_ session: String, of namespace: [UInt8]) async -> Transfer? {
        let key = Self.key(of: session, namespace)
        var list: [UInt8]?
        for tier in tiers where list == nil {
            guard case .value(let value, _) = await tier.get(key, trusted: trusted), let entry = value.entries.first,
                entry.kind == 0, let part = entry.parts.first
            else { continue }
            list = part.bytes
        }
        guard let list, list.count.isMultiple(of: 64), list.count / 64 <= Self.listLimit else { return nil }
        let digests = stride(from: 0, to: list.count, by: 32).compactMap { Digest(bytes: list[$0..<$0 + 32]) }
        let pairs = stride(from: 0, to: digests.count, by: 2).map { index in
            Pack.Pair(manifest: EntryKey(digest: digests[index]), result: EntryKey(digest: digests[index + 1]))
        }
        var transfer = Transfer()
        let wanted = pairs.filter { !exchange.has($0.manifest, $0.result) }
        transfer.known = pairs.count - wanted.count
        await each(wanted) { pair in
            guard await self.bring(pair.manifest) else { return false }
            // A long result lies apart.
            if self.exchange.has(pair.manifest, pair.result) { return true }
            guard await self.bring(pair.result) else { return false }
            return self.exchange.has(pair.manifest, pair.result)
        } then: { _, isHere in
            if isHere { transfer.done += 1 } else { transfer.failed += 1 }
        }
        await fill()
        return transfer
    }

    private static func key(of session: String, _ namespace: [UInt8]) -> EntryKey {
        var builder = KeyBuilder(domain: "remote-session-1")
        builder.add("namespace", namespace)
        builder.add("session", Array(session.utf8))
        return builder.finish()
    }

    /// Does something for each of the results, for some at a time.
    private func each<Outcome: Sendable>(
        _ pairs: [Pack.Pair],
        _ body: @escaping @Sendable (Pack.Pair) async -> Outcome,
        then note: (Pack.Pair, Outcome) -> Void
    ) async {
        await withTaskGroup(of: (Pack.Pair, Outcome).self) { group in
            var rest = pairs[...]
            for pair in rest.prefix(Self.width) { group.addTask { (pair, await body(pair)) } }
            rest = rest.dropFirst(Self.width)
            while let (pair, outcome) = await group.next() {
                note(pair, outcome)
                if let next = rest.popFirst() { group.addTask { (next, await body(next)) } }
            }
        }
    }
}
