import LarderStore
import Testing

@Suite struct LockTimeoutTests {
    @Test(arguments: [
        ("0", 0), ("10", 10_000_000_000), ("0.5", 500_000_000), ("2.5s", 2_500_000_000), ("500ms", 500_000_000),
        ("5m", 300_000_000_000), ("1h", 3_600_000_000_000), ("0.000000001", 1), ("0.0000000001", 0),
        ("infinite", Int64.max), ("INFINITE", Int64.max), ("1000000000", 1_000_000_000_000_000_000),
    ])
    func `a time is read as it is meant`(text: String, nanoseconds: Int64) {
        #expect(LockTimeout.nanoseconds(parsing: Array(text.utf8)[...]) == nanoseconds)
    }

    @Test(arguments: [
        "", "-1", "+1", "1.", ".5", "1..2", "1e3", "0x10", "inf", "nan", "ten", "10 s", "10d", "infinitely",
        "1000000001", "99999999999999999999999", "1000000000h", "１０",
    ])
    func `anything else is refused`(text: String) {
        #expect(LockTimeout.nanoseconds(parsing: Array(text.utf8)[...]) == nil)
    }

    @Test(arguments: [(0, "0s"), (500_000_000, "500ms"), (10_000_000_000, "10s"), (1_500_000_000, "1.5s")])
    func `a time is shown as it may be given`(nanoseconds: Int64, text: String) {
        #expect("\(LockTimeout(nanoseconds: nanoseconds))" == text)
    }

    @Test func `only a number above an hour is worth a warning`() {
        #expect(!LockTimeout(seconds: 3600).isSuspicious)
        #expect(LockTimeout(seconds: 3601).isSuspicious)
        #expect(!LockTimeout.infinite.isSuspicious)
        #expect(LockTimeout(seconds: .infinity) == .infinite)
        #expect(LockTimeout(seconds: .nan).nanoseconds == 0)
    }

    @Test(arguments: ["a", "jdk-catalogue", "A.b_9", String(repeating: "x", count: 100)])
    func `such names name a lock`(text: String) { #expect(LockName(text)?.description == text) }

    @Test(arguments: ["", ".", "..", ".hidden", "a/b", "a b", "ä", "a\n", String(repeating: "x", count: 101)])
    func `such names do not`(text: String) { #expect(LockName(text) == nil) }
}
