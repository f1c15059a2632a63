import Foundation
import RemoteTiers
import Testing

private let environment = ProcessInfo.processInfo.environment

/// Many machines on one Redis cluster: each asks what a real build has asked, at the same moments.
///
///     LARDER_CLIENT_TRACE=FILE LARDER_CLIENTS=10,100,1000
///
/// FILE has a line for each question of the build: the milliseconds since it began, and the length of the answer in bytes.
/// `Benchmarks/remote --clients` writes it. One question of ten is about something new, which the machine sends afterwards.
@Suite(
    .enabled(if: environment["LARDER_CLIENT_TRACE"] != nil, "Benchmarks/remote --clients runs it, with a build's trace")
)
struct ManyMachinesTests {
    private struct Question: Sendable {
        var moment: Duration
        var length: Int
    }

    private struct Outcome: Sendable {
        var waits: [Duration] = []
        var (hits, misses, errors, bytes) = (0, 0, 0, 0)
    }

    private let trace: [Question]
    private let counts: [Int]

    init() throws {
        let text = try String(contentsOfFile: environment["LARDER_CLIENT_TRACE"] ?? "", encoding: .utf8)
        trace = text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            return numbers.count == 2 ? Question(moment: .milliseconds(numbers[0]), length: numbers[1]) : nil
        }
        counts = (environment["LARDER_CLIENTS"] ?? "10,100,1000").split(separator: ",").compactMap { Int($0) }
    }

    /// A machine that begins to build after `delay`.
    private static func build(_ trace: [Question], number: Int, after delay: Duration, _ address: String) async
        -> Outcome
    {
        var outcome = Outcome()
        guard let tier = try? open(address) else {
            outcome.errors = trace.count
            return outcome
        }
        let clock = ContinuousClock()
        let start = clock.now + delay
        for (index, question) in trace.enumerated() {
            try? await clock.sleep(until: start + question.moment)
            let isNew = (index + number).isMultiple(of: 10)
            let name = isNew ? key(1_000_000 + number * trace.count + index) : key(index)
            let asked = clock.now
            do throws(TierFailure) {
                let value = try await tier.get(name, within: 30 * second)
                outcome.waits.append(clock.now - asked)
                outcome.bytes += value?.count ?? 0
                if let value, value.count == question.length { outcome.hits += 1 } else { outcome.misses += 1 }
                if isNew != (value == nil) { outcome.errors += 1 }
                if isNew {
                    try await tier.put(name, [UInt8](repeating: 7, count: question.length), within: 30 * second)
                    outcome.bytes += question.length
                }
            } catch {
                outcome.errors += 1
            }
        }
        await tier.close()
        return outcome
    }

    @Test func `each machine gets its answers`() async throws {
        try #require(!trace.isEmpty)
        try await LocalServer.withRedisCluster { nodes, _ in
            let address = "redis+cluster://" + nodes.joined(separator: ",") + "|ttl=600"
            let first = try open(address)
            for (index, question) in trace.enumerated() {
                try await first.put(key(index), bytes(question.length, seed: index), within: 30 * second)
            }
            await first.close()
            print("| machines | questions a second | hits | misses | p50 | p99 | MB | errors |")
            print("|---|---|---|---|---|---|---|---|")
            for (round, count) in counts.enumerated() {
                let clock = ContinuousClock()
                let began = clock.now
                var all = Outcome()
                await withTaskGroup(of: Outcome.self) { group in
                    for number in 0..<count {
                        let (trace, delay) = (trace, Duration.milliseconds(10_000 * number / count))
                        group.addTask {
                            await Self.build(trace, number: round * 10_000 + number, after: delay, address)
                        }
                    }
                    for await outcome in group {
                        all.waits += outcome.waits
                        (all.hits, all.misses) = (all.hits + outcome.hits, all.misses + outcome.misses)
                        (all.errors, all.bytes) = (all.errors + outcome.errors, all.bytes + outcome.bytes)
                    }
                }
                let seconds = (clock.now - began) / .seconds(1)
                all.waits.sort()
                func part(_ share: Double) -> String {
                    let wait = all.waits[min(all.waits.count - 1, Int(Double(all.waits.count) * share))]
                    return String(format: "%.2f ms", wait / .milliseconds(1))
                }
                let rate = Int(Double(all.waits.count) / seconds)
                print(
                    "| \(count) | \(rate) | \(all.hits) | \(all.misses) | \(part(0.5)) | \(part(0.99)) "
                        + "| \(all.bytes / 1_000_000) | \(all.errors) |"
                )
                #expect(all.errors == 0)
                #expect(all.hits + all.misses == count * trace.count)
            }
        }
    }
}
