internal import Files
internal import Foundation
internal import LarderStore

/// The locks, measured against their targets.
struct LockBench {
    private let store: Path
    private let mode: String
    private let program: String

    init(_ store: Path, mode: String, program: String) {
        (self.store, self.mode, self.program) = (store, mode, program)
    }

    func run() throws {
        try uncontended()
        try handOver(rounds: 60)
        try timeOuts(rounds: 100)
        try waiting(seconds: 10)
    }

    private func row(_ measure: String, _ figure: String, _ bar: String) {
        print("| \(mode) | \(measure) | \(figure) | \(bar) |")
    }

    private func shown(_ nanoseconds: Int64) -> String {
        nanoseconds < 1_000_000
            ? "\(Double(nanoseconds / 100) / 10) µs" : "\(Double(nanoseconds / 10_000) / 100) ms"
    }

    /// Takes and drops the lock in a process that does nothing else.
    private func uncontended() throws {
        let name = LockName("uncontended")
        var times: [Int64] = []
        for _ in 0..<3000 {
            let start = Clock.monotonic
            try WriterLock.acquire(name, in: store, options: options(mode, seconds: 1)).release()
            times.append(Clock.monotonic - start)
        }
        times.sort()
        row("acquire + release, median", shown(times[times.count / 2]), "50 µs (kernel)")
        row("acquire + release, 95 %", shown(times[times.count * 95 / 100]), "1 ms")
    }

    /// Another process waits; how long after the release it has the lock.
    private func handOver(rounds: Int) throws {
        let name = LockName("hand-over")
        var times: [Int64] = []
        for round in 0..<rounds {
            let lock = try WriterLock.acquire(name, in: store, options: options(mode, seconds: 5))
            let waiter = Process()
            let (input, output) = (Pipe(), Pipe())
            waiter.executableURL = URL(fileURLWithPath: program)
            waiter.arguments = ["hold", store.description, "hand-over", mode, "60"]
            waiter.standardInput = input
            waiter.standardOutput = output
            try waiter.run()
            // Long enough that it waits, and not always the same part of its pause.
            Thread.sleep(forTimeInterval: 0.05 + Double(round % 20) * 0.013)
            let start = Clock.monotonic
            lock.release()
            _ = try output.fileHandleForReading.read(upToCount: 4)
            times.append(Clock.monotonic - start)
            try input.fileHandleForWriting.close()
            waiter.waitUntilExit()
        }
        times.sort()
        row("hand-over to another process, median", shown(times[rounds / 2]), "20 ms")
        row("hand-over to another process, worst", shown(times[rounds - 1]), "")
    }

    /// Whether a wait for a lock that is held ends as it should.
    private func timesOut(_ name: LockName, _ seconds: Double) -> Bool {
        do throws(LockError) {
            try WriterLock.acquire(name, in: store, options: options(mode, seconds: seconds)).release()
            return false
        } catch {
            return error.code == .timedOut
        }
    }

    /// How much longer than the time-out a wait takes.
    private func timeOuts(rounds: Int) throws {
        let name = LockName("time-out")
        let lock = try WriterLock.acquire(name, in: store, options: options(mode, seconds: 5))
        var late: [Int64] = []
        for round in 0..<rounds {
            let seconds = 0.01 + Double(round % 10) * 0.02
            let start = Clock.monotonic
            if timesOut(name, seconds) { late.append(Clock.monotonic - start - Int64(seconds * 1e9)) }
        }
        lock.release()
        late.sort()
        let kept = late.filter { (0...100_000_000).contains($0) }.count
        row("time-outs kept within 100 ms", "\(kept) of \(rounds), worst \(shown(late.last ?? 0)) late", "99 of 100")
    }

    /// What waiting costs.
    private func waiting(seconds: Double) throws {
        let name = LockName("waiting")
        let lock = try WriterLock.acquire(name, in: store, options: options(mode, seconds: 5))
        func used() -> Double {
            var usage = rusage()
            // RUSAGE_THREAD
            getrusage(1, &usage)
            return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        }
        let before = used()
        _ = timesOut(name, seconds)
        row(
            "processor time of a waiter",
            "\(Double(Int((used() - before) / seconds * 100_000)) / 1000) % of a core",
            "0.1 %"
        )
        lock.release()
    }
}
