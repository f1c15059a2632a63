internal import Glibc

/// The clocks that we read, in nanoseconds.
package enum Clock {
    /// The clock that file systems stamp with: wall time since 1970, as of the last tick of the kernel.
    package static var stamp: Int64 { read(CLOCK_REALTIME_COARSE) }

    /// Wall time since 1970.
    package static var wall: Int64 { read(CLOCK_REALTIME) }

    /// Time that only moves forward; for waits and durations.
    package static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

    /// Waits until ``stamp`` has passed `moment`: at most one tick of the kernel when `moment` is a stamp.
    package static func wait(untilStampPasses moment: Int64) {
        while stamp <= moment {
            var pause = timespec(tv_sec: 0, tv_nsec: 200_000)
            nanosleep(&pause, nil)
        }
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
