import Foundation
import RemoteTiers
import Testing

/// A key of an entry: 64 hex digits behind a namespace.
func key(_ number: Int, namespace: String? = "team1") -> String {
    let digits = String(number, radix: 16)
    let padded = String(repeating: "0", count: 56 - digits.count) + digits
    // Spread over directories and slots.
    let spread = String((UInt32(truncatingIfNeeded: number) &* 2_654_435_761) | 0x8000_0000, radix: 16)
    return (namespace.map { "\($0)-" } ?? "") + spread + padded
}

func bytes(_ count: Int, seed: Int = 1) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 131 &+ ($0 >> 8)) }
}

let second: Int64 = 1_000_000_000

func open(_ address: String, _ secrets: TierSecrets = .init()) throws -> any RemoteTier {
    try Tiers.open(TierAddress(address), secrets, unixTime: { Int64(Date().timeIntervalSince1970) })
}

/// What every healthy tier does.
func checkRoundTrip(_ tier: any RemoteTier, largest: Int = 3_000_000) async throws {
    #expect(try await tier.get(key(1), within: 30 * second) == nil)
    for (number, count) in [1, 2, 10_000, 65_536, largest].enumerated() {
        let value = bytes(count, seed: number)
        try await tier.put(key(number + 1), value, within: 30 * second)
        #expect(try await tier.get(key(number + 1), within: 30 * second) == value)
    }
    try await tier.put(key(1), Array("\r\n$5\r\n\0".utf8), within: 30 * second)
    #expect(try await tier.get(key(1), within: 30 * second) == Array("\r\n$5\r\n\0".utf8))
    #expect(try await tier.get(key(1, namespace: nil), within: 30 * second) == nil)
    #expect(try await tier.get(key(1, namespace: "team2"), within: 30 * second) == nil)
    try await checkManyTasks(tier)
}

func checkManyTasks(_ tier: any RemoteTier) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 100..<300 {
            group.addTask {
                let value = bytes(number * 20, seed: number)
                try await tier.put(key(number), value, within: 60 * second)
                #expect(try await tier.get(key(number), within: 60 * second) == value)
                #expect(try await tier.get(key(number + 1000), within: 60 * second) == nil)
            }
        }
        try await group.waitForAll()
    }
}

/// Expects `body` to fail in one of these ways, in its time and not much later; the failure is returned.
@discardableResult
func expectFailure(
    _ kinds: TierFailure.Kind...,
    within nanoseconds: Int64 = 60 * second,
    comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    body: () async throws(TierFailure) -> Void
) async -> TierFailure? {
    let clock = ContinuousClock()
    let start = clock.now
    do throws(TierFailure) {
        try await body()
        Issue.record("there was no failure \(comment?.rawValue ?? "")", sourceLocation: sourceLocation)
        return nil
    } catch {
        // The machine and the threads may be busy; a wait without end would be far longer.
        #expect(clock.now - start < .nanoseconds(nanoseconds) + .seconds(120), comment, sourceLocation: sourceLocation)
        #expect(kinds.contains(error.kind), "\(error) \(comment?.rawValue ?? "")", sourceLocation: sourceLocation)
        #expect(error.description.hasSuffix("."), sourceLocation: sourceLocation)
        return error
    }
}
