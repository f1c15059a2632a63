internal import CLinux
internal import Glibc

/// Named moments: what a crash names as the place where it happened, and where a test can end the process as a power failure
/// would, to see what is left behind.
///
/// Debug builds only: `LARDER_CRASH_AT=renamed` kills the process when it gets there, or `LARDER_CRASH_BY=TERM` asks it to
/// end; `LARDER_CRASH_BY=TRAP` and its like let it run into a defect (see ``Crash``). `LARDER_HOLD_AT=looked` stops it there
/// until a test lets it go. A release build only notes the name.
package enum CrashPoint {
    @inline(__always)
    package static func reach(_ name: StaticString) {
        name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount) { larder_crash_reached($0) }
        #if DEBUG
        if let wanted = Environment.value("LARDER_CRASH_AT"), wanted == Array(name.description.utf8) {
            crash(by: Environment.text("LARDER_CRASH_BY") ?? "KILL")
        }
        if let wanted = Environment.value("LARDER_HOLD_AT"), wanted == Array(name.description.utf8) { hold() }
        #endif
    }

    #if DEBUG
    /// Meets the test at two FIFOs: opening the first one says that this process is here, the end of the second one lets
    /// it go on.
    private static func hold() {
        guard let path = Environment.text("LARDER_HOLD") else { return }
        close(open(path + ".reached", O_WRONLY))
        let go = open(path + ".go", O_RDONLY)
        var byte: UInt8 = 0
        while read(go, &byte, 1) > 0 {}
        close(go)
    }

    private static func crash(by cause: String) {
        switch cause {
        case "TERM": kill(getpid(), SIGTERM)
        case "TRAP": fatalError("a test wants a trap")
        case "ABRT": abort()
        case "BUS": kill(getpid(), SIGBUS)
        case "SEGV": _ = UnsafePointer<UInt8>(bitPattern: 8)?.pointee
        case "STACK": _ = overflow(0)
        default: kill(getpid(), SIGKILL)
        }
    }

    /// Calls itself until the stack is full.
    @inline(never)
    private static func overflow(_ depth: Int) -> Int { depth < 0 ? depth : overflow(depth + 1) + 1 }
    #endif
}
