package import LarderStore

/// Which launcher makes which result, and who waits for it.
///
/// A launcher is its connection: that ends with the process, however the process ends, so nothing has to be renewed and
/// nothing can be forgotten.
package struct Flights {
    /// A connection's number.
    package typealias Member = Int

    private struct Flight {
        let leader: Member
        var waiting: [Member] = []
    }

    private var flights: [EntryKey: Flight] = [:]
    private var led: [Member: EntryKey] = [:]
    private var awaited: [Member: EntryKey] = [:]

    package init() {}

    package var count: Int { flights.count }
    package var waitingCount: Int { awaited.count }

    /// Who makes `key` now.
    package func leader(of key: EntryKey) -> Member? { flights[key]?.leader }

    /// `member` makes `key`, which nobody else does.
    package mutating func lead(_ key: EntryKey, _ member: Member) {
        flights[key] = Flight(leader: member)
        led[member] = key
    }

    /// `member` waits for whoever makes `key`.
    package mutating func wait(for key: EntryKey, _ member: Member) {
        guard flights[key] != nil else { return }
        flights[key]?.waiting.append(member)
        awaited[member] = key
    }

    /// `member` makes nothing any more; returns what it made and who waited for that.
    package mutating func finish(_ member: Member) -> (key: EntryKey, waiting: [Member])? {
        guard let key = led.removeValue(forKey: member), let flight = flights.removeValue(forKey: key) else {
            return nil
        }
        for member in flight.waiting { awaited[member] = nil }
        return (key, flight.waiting)
    }

    /// Those who make something that others wait for.
    package var awaitedLeaders: [Member] { flights.values.filter { !$0.waiting.isEmpty }.map(\.leader) }

    /// Nobody waits for what `member` makes any more; returns who did.
    package mutating func release(from member: Member) -> [Member] {
        guard let key = led[member], let waiting = flights[key]?.waiting else { return [] }
        flights[key]?.waiting = []
        for member in waiting { awaited[member] = nil }
        return waiting
    }

    /// `member` waits no longer.
    package mutating func leave(_ member: Member) {
        guard let key = awaited.removeValue(forKey: member) else { return }
        flights[key]?.waiting.removeAll { $0 == member }
    }
}
