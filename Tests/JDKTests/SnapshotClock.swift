import Files
import Foundation

/// Rewrites the time at which a snapshot says that it was published; checksum and all.
///
/// Knows the format by heart, on purpose: a change of it must be noticed.
enum SnapshotClock {
    static func shift(_ file: URL, milliseconds: Int64) throws {
        let bytes = [UInt8](try Data(contentsOf: file))
        let end = bytes.firstIndex(of: 10) ?? bytes.endIndex
        var words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ").map(String.init)
        words[3] = String((Int64(words[3]) ?? 0) + milliseconds)
        let head = words[..<5].joined(separator: " ") + " "
        let sum = (Array(head.utf8) + bytes[(end + 1)...]).withUnsafeBytes { Checksum(of: $0) }
        func hex(_ number: UInt64) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        let line = head + "xxh3-128:" + hex(sum.high) + hex(sum.low) + "\n"
        try (Data(line.utf8) + Data(bytes[(end + 1)...])).write(to: file)
    }
}
