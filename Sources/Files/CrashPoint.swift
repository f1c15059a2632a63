internal import Glibc

/// Named moments at which a test can end the process as a power failure would, to see what is left behind.
///
/// Debug builds only: `LARDER_CRASH_AT=renamed` kills the process when it gets there. A release build does not
/// look.
package enum CrashPoint {
    @inline(__always)
    package static func reach(_ name: StaticString) {
        #if DEBUG
        if let wanted = Environment.value("LARDER_CRASH_AT"), wanted == Array(name.description.utf8) {
            kill(getpid(), SIGKILL)
        }
        #endif
    }
}
