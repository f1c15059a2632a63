/// A limit as ccache writes it: `5`, `5G`, `5GB` and `5GiB`, a number without a unit being GiB, 0 no limit.
struct CCacheSize: Equatable {
    let bytes: Int64
    /// Whether it was said in units of 1000.
    let isDecimal: Bool

    /// Nil for anything else, and for more than 8 EiB.
    init?(_ text: ArraySlice<UInt8>) {
        var rest = text
        var number = 0.0
        var isThere = false
        func digit() -> Double? {
            guard let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            return Double(byte - UInt8(ascii: "0"))
        }
        while let digit = digit() {
            (number, isThere, rest) = (number * 10 + digit, true, rest.dropFirst())
        }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            var place = 1.0
            while let digit = digit() {
                place /= 10
                (number, isThere, rest) = (number + digit * place, true, rest.dropFirst())
            }
        }
        while rest.first == 0x20 { rest = rest.dropFirst() }
        guard isThere, let (factor, isDecimal) = Self.unit(rest), number * factor < 9.2e18 else { return nil }
        (bytes, self.isDecimal) = (Int64((number * factor).rounded()), isDecimal)
    }

    init(bytes: Int64, isDecimal: Bool = false) { (self.bytes, self.isDecimal) = (bytes, isDecimal) }

    private static func unit(_ text: ArraySlice<UInt8>) -> (factor: Double, isDecimal: Bool)? {
        if text.isEmpty { return (1_073_741_824, false) }
        let power: Int
        switch text.first {
        case UInt8(ascii: "k"), UInt8(ascii: "K"): power = 1
        case UInt8(ascii: "M"): power = 2
        case UInt8(ascii: "G"): power = 3
        case UInt8(ascii: "T"): power = 4
        default: return nil
        }
        let ending = text.dropFirst()
        let isBinary = ending.first == UInt8(ascii: "i")
        let last = isBinary ? ending.dropFirst() : ending
        guard last.isEmpty || last.elementsEqual([UInt8(ascii: "B")]) else { return nil }
        var factor = 1.0
        for _ in 0..<power { factor *= isBinary ? 1024 : 1000 }
        return (factor, !isBinary)
    }

    /// `5.0 GiB`, `10.5 MB`, `0`.
    var description: String {
        if bytes == 0 { return "0" }
        let step: Int64 = isDecimal ? 1000 : 1024
        let units = isDecimal ? ["bytes", "kB", "MB", "GB", "TB"] : ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var (unit, index) = (Int64(1), 0)
        while index < 4, bytes / unit >= step { (unit, index) = (unit * step, index + 1) }
        return index == 0 ? "\(bytes) bytes" : Self.tenths(of: bytes, unit) + " " + units[index]
    }

    /// `bytes` in `unit`, with one digit behind the point.
    static func tenths(of bytes: Int64, _ unit: Int64) -> String {
        let tenths = Int64((Double(bytes) / Double(unit) * 10).rounded())
        return "\(tenths / 10).\(abs(tenths) % 10)"
    }
}
