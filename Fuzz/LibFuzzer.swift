#if LIBFUZZER
/// The driver of the toolchain, which looks for inputs that reach new code.
enum LibFuzzer {
    nonisolated(unsafe) private static var target: Target?

    static func run(_ chosen: Target, _ words: [String]) {
        target = chosen
        // It keeps these, and may write to them.
        var arguments: [UnsafeMutablePointer<CChar>?] = ([words[0]] + words.dropFirst(2)).map { word in
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: word.utf8.count + 1)
            for (index, byte) in word.utf8.enumerated() { copy[index] = CChar(bitPattern: byte) }
            copy[word.utf8.count] = 0
            return copy
        }
        var count = CInt(arguments.count)
        arguments.append(nil)
        arguments.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            _ = runDriver(&count, &start) { bytes, length in
                LibFuzzer.target?.read(Array(UnsafeBufferPointer(start: bytes, count: length)))
                return 0
            }
        }
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ read: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
#endif
