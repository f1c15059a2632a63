internal import CLinux
internal import Glibc

/// The clocks that we read, in nanoseconds.
///
/// Debug builds believe `LARDER_PRETEND_CLOCK`: so many seconds the wall clock is ahead of the kernel's, or behind it.
package enum Clock {
    /// The clock that file systems stamp with: wall time since 1970, as of the last tick of the kernel.
    package static var stamp: Int64 { read(CLOCK_REALTIME_COARSE) }

    /// The latest time with which a file can have been stamped by now; once ``stamp`` has passed it, what was written before has
    /// an earlier one.
    ///
    /// Linux from 6.13 on stamps some files by the fine clock, which is ahead of ``stamp`` by up to a tick and more: what was
    /// written in this moment may have a time that the next tick of ``stamp`` does not reach.
    package static var latestStamp: Int64 { wall }

    /// Wall time since 1970.
    package static var wall: Int64 { read(CLOCK_REALTIME) }

    /// Time that only moves forward; for waits and durations.
    package static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

    /// Time since the machine was started, time spent asleep included.
    package static var boot: Int64 { read(CLOCK_BOOTTIME) }

    /// Wall time as a clock on the wall here shows it: `14:03:59`, with the date before it unless that is today.
    package static func shown(milliseconds: Int64) -> String {
        func parts(_ seconds: Int64) -> tm {
            var (time, parts) = (time_t(seconds), tm())
            localtime_r(&time, &parts)
            return parts
        }
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (then, now) = (parts(milliseconds / 1000), parts(wall / 1_000_000_000))
        let time = "\(two(then.tm_hour)):\(two(then.tm_min)):\(two(then.tm_sec))"
        if then.tm_year == now.tm_year, then.tm_yday == now.tm_yday { return time }
        return "\(Int(then.tm_year) + 1900)-\(two(then.tm_mon + 1))-\(two(then.tm_mday)) \(time)"
    }

    /// Waits until ``stamp`` has passed `moment`: at most two ticks of the kernel when `moment` is a stamp, or the latest one.
    ///
    /// False where the clock is not there within a second, as after it was set back, or for a file that another machine has
    /// stamped; and when a signal asks this process to end.
    package static func wait(untilStampPasses moment: Int64) -> Bool {
        let limit: Int64 = 1_000_000_000
        let end = monotonic &+ limit
        while true {
            let now = stamp
            if now > moment { return true }
            guard moment.subtracting(saturating: now) < limit, monotonic < end, larder_interruption() == 0 else {
                return false
            }
            var pause = timespec(tv_sec: 0, tv_nsec: 200_000)
            nanosleep(&pause, nil)
        }
    }

    /// Waits; a signal may end it early.
    package static func sleep(_ nanoseconds: Int64) {
        var pause = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&pause, nil)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        #if DEBUG
        if clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE {
            return nanoseconds(time).adding(saturating: pretendedStep)
        }
        #endif
        return nanoseconds(time)
    }

    #if DEBUG
    private static let pretendedStep: Int64 = {
        let seconds = Environment.text("LARDER_PRETEND_CLOCK").flatMap { Int64($0) } ?? 0
        return seconds.multiplied(saturating: 1_000_000_000)
    }()
    #endif

    /// A time since 1970; the largest or smallest number there is for one that nanoseconds do not reach: before 1677 and
    /// after 2262.
    static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec).multiplied(saturating: 1_000_000_000).adding(saturating: Int64(time.tv_nsec))
    }
}
