internal import CLinux
internal import Glibc
internal import Synchronization

/// A file whose modification time this process renews for as long as the value lives, so that others who cannot see
/// the process see that it lives.
///
/// One thread serves all of them and ends with the last; it takes no signals. The time is the file server's own. It
/// goes to the open file: should another have taken the file's name, theirs is not touched.
package struct Heartbeat: ~Copyable, Sendable {
    /// The file, open for writing.
    package let file: Descriptor
    private let number: Int

    /// Begins to renew the file.
    ///
    /// - Parameter interval: nanoseconds between two beats.
    package init(of file: consuming Descriptor, every interval: Int64) {
        number = Heart.shared.add(file.raw, every: interval)
        self.file = file
    }

    deinit { Heart.shared.remove(number) }

    /// Nanoseconds since the last beat that reached the file, time spent asleep included.
    package var age: Int64 { Heart.shared.age(of: number) }
}

private final class Heart: Sendable {
    static let shared = Heart()

    private struct Beating: Sendable {
        let file: CInt
        let interval: Int64
        var last: Int64
    }

    private struct State: Sendable {
        var beating: [Int: Beating] = [:]
        var next = 0
        var hasThread = false
    }

    private let state = Mutex(State())

    func add(_ file: CInt, every interval: Int64) -> Int {
        state.withLock { state in
            state.next &+= 1
            state.beating[state.next] = Beating(file: file, interval: max(interval, 1_000_000), last: Clock.boot)
            if !state.hasThread {
                state.hasThread =
                    larder_start_thread(
                        { _ in
                            Heart.shared.beat()
                            return nil
                        },
                        nil
                    ) == 0
            }
            return state.next
        }
    }

    func remove(_ number: Int) { state.withLock { _ = $0.beating.removeValue(forKey: number) } }

    func age(of number: Int) -> Int64 {
        let last = state.withLock { $0.beating[number]?.last }
        return last.map { Clock.boot - $0 } ?? .max
    }

    /// What the thread does.
    private func beat() {
        // New ones may need a shorter pause than the one that has begun.
        let longest: Int64 = 250_000_000
        var lastWork = Clock.boot
        while true {
            let pause = state.withLock { state -> Int64? in
                let now = Clock.boot
                // A little patience, so that a loop that takes and drops a lock starts one thread.
                if state.beating.isEmpty {
                    guard now - lastWork > 4 * longest else { return longest }
                    state.hasThread = false
                    return nil
                }
                lastWork = now
                var pause = longest
                for (number, one) in state.beating {
                    var rest = one.last + one.interval - now
                    if rest <= 0 {
                        if futimens(one.file, nil) == 0 { state.beating[number]?.last = Clock.boot }
                        rest = one.interval
                    }
                    pause = min(pause, rest)
                }
                return pause
            }
            guard let pause else { return }
            var time = timespec(tv_sec: 0, tv_nsec: Int(pause))
            nanosleep(&time, nil)
        }
    }
}
