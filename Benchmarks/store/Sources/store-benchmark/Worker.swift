import LarderStore

/// Looks up and publishes ten keys of each size, in turn.
final class Worker {
    private static let keyCount = 10

    private let store: EntryStore
    private let flushing: EntryStore
    private let reader: EntryReader
    private let keepsEntries: Bool
    private var values: [Int: [UInt8]] = [:]

    init(directory: Path, keepsEntries: Bool) {
        store = EntryStore(at: directory)
        var options = EntryStore.Options()
        options.durability = .synced
        flushing = EntryStore(at: directory, options: options)
        reader = EntryReader(of: store, memoryLimit: 256 << 20)
        self.keepsEntries = keepsEntries
    }

    /// Nil when something is missing or wrong: then there is nothing to measure.
    func carryOut(_ order: Order) -> Sample? {
        let keys = (0..<Self.keyCount).map { number in
            var builder = KeyBuilder(domain: "store-benchmark-1")
            builder.add("size", Int64(order.size))
            builder.add("number", Int64(number))
            return builder.finish()
        }
        let value = order.action == .get ? [] : value(of: order.size)
        switch order.action {
        case .fill:
            var sample = Sample(times: [0])
            for key in keys where !put(value, under: key, in: store) { sample.times = [] }
            return sample.times.isEmpty ? nil : sample
        case .get:
            return measure(order) { number in
                let key = keys[number % Self.keyCount]
                let found = keepsEntries ? reader.value(for: key) : store.value(for: key)
                guard case .hit(let parts) = found else { return false }
                return parts.count == 1 && parts[0].bytes.count == order.size
            }
        case .put:
            return measure(order) { put(value, under: keys[$0 % Self.keyCount], in: store) }
        case .flushedPut:
            return measure(order) { put(value, under: keys[$0 % Self.keyCount], in: flushing) }
        }
    }

    /// Bytes that no compressor makes smaller.
    private func value(of size: Int) -> [UInt8] {
        if let value = values[size] { return value }
        var state = UInt64(size) &+ 0x9E37_79B9_7F4A_7C15
        let value = (0..<size).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 32)
        }
        values[size] = value
        return value
    }

    /// As it is: the peers do not compress, and random bytes do not get smaller.
    private func put(_ value: [UInt8], under key: EntryKey, in store: EntryStore) -> Bool {
        do {
            try store.publish(key, parts: [NewPart("value", .bytes(value), codec: .stored)])
            return true
        } catch {
            return false
        }
    }

    private func measure(_ order: Order, _ operation: (Int) -> Bool) -> Sample? {
        var sample = Sample()
        sample.times.reserveCapacity(1 << 20)
        // Not measured: whatever is only slow once for each key.
        if order.start == 0 {
            for number in 0..<Self.keyCount where !operation(number) { return nil }
        }
        while now() < order.start {}
        let end = order.start + order.nanoseconds
        var before = now()
        repeat {
            guard operation(sample.times.count) else { return nil }
            let after = now()
            sample.times.append(after - before)
            before = after
        } while before < end
        sample.nanoseconds = before - order.start
        return sample
    }
}
