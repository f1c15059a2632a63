import LarderStore
import Testing

@Suite struct SizeLimitTests {
    @Test(arguments: [
        ("5GiB", SizeLimit.bytes(5 << 30)), ("500MB", .bytes(500_000_000)), ("1.5TiB", .bytes(3 << 39)),
        ("1kB", .bytes(1000)), ("1KiB", .bytes(1024)), ("0.5KiB", .bytes(512)), ("1234567", .bytes(1_234_567)),
        ("9223372036854775807", .bytes(.max)), ("12B", .bytes(12)), ("5G", .bytes(5_000_000_000)),
        ("5Gi", .bytes(5 << 30)), ("10k", .bytes(10_000)),
        ("5%", .share(5000)), ("0.5%", .share(500)), ("100%", .share(100_000)), ("12.345%", .share(12_345)),
    ])
    func `what a person would write is read`(text: String, limit: SizeLimit) {
        #expect(SizeLimit(parsing: Array(text.utf8)[...]) == limit)
    }

    @Test(arguments: [
        "", "0", "0GiB", "0%", "101%", "-1", "+1", "5 GiB", "5gib", "5g", "GiB", "1.5", ".5GiB", "5.GiB", "1e9",
        "5GiBx", "0x10", "99999999TiB", "9223372036854775808", "99999999999999999999999", "0.0001%", "1.1234567GB",
        "184467440737095517%", "0.0000001TiB", "5%%", "٣GiB",
    ])
    func `anything else is refused`(text: String) {
        #expect(SizeLimit(parsing: Array(text.utf8)[...]) == nil)
    }

    @Test(arguments: ["5GiB", "500MB", "3TiB", "1536GiB", "5%", "2.5%", "0.001%", "1234567", "1KiB", "3kB"])
    func `a limit is shown as it was written`(text: String) {
        #expect(SizeLimit(parsing: Array(text.utf8)[...])?.description == text)
    }

    @Test func `a share of the largest file system does not overflow`() {
        #expect(SizeLimit.share(100_000).bytes(of: .max) == .max)
        #expect(SizeLimit.share(5000).bytes(of: 1000) == 50)
        #expect(SizeLimit.share(1).bytes(of: 10) == 1)
    }
}
