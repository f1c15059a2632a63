internal import Files

extension Settings {
    /// Whether this hit is to be made again and compared: one of ``verifiedShare``, in no order.
    package var verifiesThisHit: Bool {
        guard verifiedShare > 0, !isReadOnly else { return false }
        // Nanoseconds are as good as chance, and cost no system call.
        let number = UInt64(bitPattern: Clock.wall &* 0x2545_F491_4F6C_DD1D ^ Int64(CurrentProcess.id)) >> 33
        return number % UInt64(verifiedShare) == 0
    }

    /// Reads `1/100`, or a word for none.
    static func share(_ text: ArraySlice<UInt8>) -> Int? {
        if boolean(text) == false { return 0 }
        guard text.starts(with: "1/".utf8) else { return nil }
        let digits = text.dropFirst(2)
        guard (1...9).contains(digits.count), digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return number == 0 ? nil : number
    }
}
