/// A file in the container format of LLVM's: blocks, which hold blocks and records. Source: https://llvm.org/docs/BitCodeFormat.html
///
///     stream ::= magic:4 bytes item*
///     item   ::= END_BLOCK | ENTER_SUBBLOCK block | DEFINE_ABBREV shape | UNABBREV_RECORD record | record that has a shape
///
/// Anybody may have written it: no length in it is believed.
struct Bitstream {
    struct Malformed: Error {}

    enum Item {
        /// A block, which has been entered; ``skip()`` leaves it.
        case block(UInt64)
        /// A record's code and its numbers; texts and blobs are left out.
        case record(code: UInt64, numbers: [UInt64])
        case endOfBlock
    }

    /// How one field of a record is written.
    private enum Field {
        case literal(UInt64)
        case fixed(Int)
        case variable(Int)
        case character
        case array
        case blob
    }

    private struct Block {
        var number: UInt64
        /// How many bits tell what an item is.
        var width: Int
        var end: Int
        var shapes: [[Field]]
    }

    /// The numbers that are kept of one record; a longer one is no record of interest.
    private static let longestRecord = 1 << 16
    private static let informationBlock: UInt64 = 0

    private let bytes: [UInt8]
    /// In bits.
    private var position: Int
    private var blocks: [Block]
    /// The shapes that each kind of block begins with.
    private var shapes: [UInt64: [[Field]]] = [:]

    /// - Parameter magic: the number of bytes before the first item.
    init(_ bytes: [UInt8], after magic: Int) {
        (self.bytes, position) = (bytes, magic * 8)
        blocks = [Block(number: .max, width: 2, end: bytes.count * 8, shapes: [])]
    }

    var isAtEnd: Bool { blocks.count == 1 && position >= blocks[0].end }

    mutating func next() throws(Malformed) -> Item {
        while true {
            let kind = try fixed(blocks[blocks.count - 1].width)
            switch kind {
            case 0:
                guard blocks.count > 1 else { throw Malformed() }
                align()
                blocks.removeLast()
                return .endOfBlock
            case 1:
                let number = try enter()
                guard number == Self.informationBlock else { return .block(number) }
                try readInformation()
            case 2: blocks[blocks.count - 1].shapes.append(try shape())
            case 3: return try plainRecord()
            default:
                let shapes = blocks[blocks.count - 1].shapes
                guard kind - 4 < UInt64(shapes.count) else { throw Malformed() }
                return try record(shapes[Int(kind - 4)])
            }
        }
    }

    /// Goes on behind the block that was entered last.
    mutating func skip() {
        guard blocks.count > 1 else { return }
        position = blocks.removeLast().end
    }

    private mutating func enter() throws(Malformed) -> UInt64 {
        let (number, width) = (try variable(8), try variable(4))
        align()
        let (words, end) = (Int(try fixed(32)), blocks[blocks.count - 1].end)
        guard (2...32).contains(width), words <= (end - position) / 32, blocks.count < 16 else { throw Malformed() }
        blocks.append(
            Block(number: number, width: Int(width), end: position + words * 32, shapes: shapes[number] ?? [])
        )
        return number
    }

    /// The block that says which shapes others begin with: record 1 names the one that the next shapes are for.
    private mutating func readInformation() throws(Malformed) {
        var subject: UInt64?
        let depth = blocks.count
        while blocks.count == depth {
            switch try fixed(blocks[depth - 1].width) {
            case 0:
                align()
                blocks.removeLast()
            case 2:
                guard let subject else { throw Malformed() }
                shapes[subject, default: []].append(try shape())
            case 3:
                guard case .record(let code, let numbers) = try plainRecord() else { throw Malformed() }
                if code == 1 { subject = numbers.first }
            default: throw Malformed()
            }
        }
    }

    private mutating func shape() throws(Malformed) -> [Field] {
        let count = try variable(5)
        guard count <= 256 else { throw Malformed() }
        var fields: [Field] = []
        for _ in 0..<count {
            if try fixed(1) == 1 {
                fields.append(.literal(try variable(8)))
                continue
            }
            switch try fixed(3) {
            case 1: fields.append(.fixed(try width()))
            case 2: fields.append(.variable(try width()))
            case 3: fields.append(.array)
            case 4: fields.append(.character)
            case 5: fields.append(.blob)
            default: throw Malformed()
            }
        }
        return fields
    }

    private mutating func width() throws(Malformed) -> Int {
        let width = try variable(5)
        guard width <= 64 else { throw Malformed() }
        return Int(width)
    }

    private mutating func plainRecord() throws(Malformed) -> Item {
        let (code, count) = (try variable(6), try variable(6))
        var numbers: [UInt64] = []
        for _ in 0..<(try length(count)) { numbers.append(try variable(6)) }
        return .record(code: code, numbers: numbers)
    }

    private mutating func record(_ fields: [Field]) throws(Malformed) -> Item {
        var numbers: [UInt64] = []
        var index = 0
        while index < fields.count {
            switch fields[index] {
            case .array:
                guard index + 1 < fields.count else { throw Malformed() }
                for _ in 0..<(try length(try variable(6))) { numbers.append(try number(fields[index + 1])) }
                index += 1
            case .blob:
                let count = try variable(6)
                align()
                guard count <= UInt64((bytes.count * 8 - position) / 8) else { throw Malformed() }
                position += Int(count) * 8
                align()
            default: numbers.append(try number(fields[index]))
            }
            index += 1
        }
        guard let code = numbers.first else { throw Malformed() }
        return .record(code: code, numbers: Array(numbers.dropFirst()))
    }

    private func length(_ count: UInt64) throws(Malformed) -> Int {
        guard count <= Self.longestRecord else { throw Malformed() }
        return Int(count)
    }

    private mutating func number(_ field: Field) throws(Malformed) -> UInt64 {
        switch field {
        case .literal(let value): value
        case .fixed(let width): try fixed(width)
        case .variable(let width): width == 0 ? 0 : try variable(width)
        case .character: try fixed(6)
        case .array, .blob: throw Malformed()
        }
    }

    // MARK: - Bits

    private mutating func fixed(_ width: Int) throws(Malformed) -> UInt64 {
        guard width <= bytes.count * 8 - position else { throw Malformed() }
        var value: UInt64 = 0
        var done = 0
        while done < width {
            let bits = min(8 - position % 8, width - done)
            let byte = UInt64(bytes[position / 8]) >> UInt64(position % 8)
            value |= (byte & ((1 << UInt64(bits)) - 1)) << UInt64(done)
            position += bits
            done += bits
        }
        return value
    }

    /// A number in pieces of `width` bits, the first bit of each telling whether another one follows.
    private mutating func variable(_ width: Int) throws(Malformed) -> UInt64 {
        guard width > 1 else { throw Malformed() }
        let more: UInt64 = 1 << UInt64(width - 1)
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while true {
            let piece = try fixed(width)
            guard shift < 64 else { throw Malformed() }
            value |= (piece & (more - 1)) << shift
            if piece & more == 0 { return value }
            shift += UInt64(width - 1)
        }
    }

    private mutating func align() { position = min((position + 31) / 32 * 32, bytes.count * 8) }
}
