internal import Glibc

/// Named moments at which a test can end the process as a power failure would, to see what is left behind.
///
/// Debug builds only: `LARDER_CRASH_AT=renamed` kills the process when it gets there, or `LARDER_CRASH_BY=TERM` asks it to
/// end. A release build does not look.
package enum CrashPoint {
    @inline(__always)
    package static func reach(_ name: StaticString) {
        #if DEBUG
        if let wanted = Environment.value("LARDER_CRASH_AT"), wanted == Array(name.description.utf8) {
            kill(getpid(), Environment.value("LARDER_CRASH_BY") == Array("TERM".utf8) ? SIGTERM : SIGKILL)
        }
        #endif
    }
}
