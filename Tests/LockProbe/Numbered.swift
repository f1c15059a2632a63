internal import LarderStore

/// A document that shows whether it is whole: a hundred thousand bytes that follow from its number.
struct Numbered: SnapshotDocument {
    static let kind = "numbered-1"

    let number: Int
    let bytes: [UInt8]

    init(_ number: Int) {
        self.number = number
        bytes = Self.bytes(for: number)
    }

    init(snapshotBytes bytes: [UInt8]) throws {
        let end = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
        number = Int(String(decoding: bytes[..<end], as: UTF8.self)) ?? -1
        self.bytes = Array(bytes[end...])
    }

    func snapshotBytes() throws -> [UInt8] { Array("\(number)".utf8) + bytes }

    func validate() throws {}

    var isWhole: Bool { bytes == Self.bytes(for: number) }

    private static func bytes(for number: Int) -> [UInt8] {
        [0x0A] + [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 100_000 + number % 1000)
    }
}
