/// The sums of one hour, or of one compiler.
package struct Tally: Hashable, Sendable {
    package internal(set) var hits = 0
    package internal(set) var misses = 0
    package internal(set) var bypasses = 0
    package internal(set) var errors = 0
    /// Time that hits saved.
    package internal(set) var savedMicroseconds: Int64 = 0
    /// Time that misses took.
    package internal(set) var spentMicroseconds: Int64 = 0

    package init() {}

    /// Hits and misses.
    package var lookups: Int { hits &+ misses }

    /// The number of the hour since 1970.
    package static func hour(ofMilliseconds time: Int64) -> Int64 { time / 3_600_000 }

    /// Whether events of this kind are in the sums.
    static func counts(_ kind: Event.Kind) -> Bool {
        switch kind {
        case .hit, .miss, .bypass, .error: true
        default: false
        }
    }

    package mutating func add(_ event: Event) {
        switch event.kind {
        case .hit:
            hits &+= event.count
            savedMicroseconds &+= event.microseconds
        case .miss:
            misses &+= event.count
            spentMicroseconds &+= event.microseconds
        case .bypass: bypasses &+= event.count
        case .error: errors &+= event.count
        default: break
        }
    }

    package mutating func add(_ other: Tally) {
        hits &+= other.hits
        misses &+= other.misses
        bypasses &+= other.bypasses
        errors &+= other.errors
        savedMicroseconds &+= other.savedMicroseconds
        spentMicroseconds &+= other.spentMicroseconds
    }
}

// As lines of ``FoldedJournal``.
extension Tally {
    /// What is not zero, a line each.
    func lines(behind prefix: String) -> String {
        let sums: [(String, Int64)] = [
            ("hit", Int64(hits)), ("miss", Int64(misses)), ("bypass", Int64(bypasses)), ("error", Int64(errors)),
            ("saved", savedMicroseconds), ("spent", spentMicroseconds),
        ]
        return sums.filter { $0.1 != 0 }.map { "\(prefix)\($0.0) \($0.1)\n" }.joined()
    }

    mutating func take(_ name: Substring, _ number: Int64) {
        switch name {
        case "hit": hits = Int(number)
        case "miss": misses = Int(number)
        case "bypass": bypasses = Int(number)
        case "error": errors = Int(number)
        case "saved": savedMicroseconds = number
        case "spent": spentMicroseconds = number
        default: break
        }
    }
}
