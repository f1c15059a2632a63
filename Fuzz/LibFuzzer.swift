#if LIBFUZZER
import Files

/// The driver of the toolchain, which looks for inputs that reach new code.
enum LibFuzzer {
    nonisolated(unsafe) private static var target: Target?

    static func run(_ chosen: Target, _ words: [String]) {
        target = chosen
        // It begins with the examples and keeps what it finds beside them, in the working directory.
        let corpus = "corpus-\(chosen.name)"
        try? Directory.make(Path(corpus))
        for (number, example) in chosen.examples.enumerated() {
            guard let file = try? Descriptor(opening: Path(corpus).appending("example-\(number)"), openForWriting)
            else { continue }
            try? file.write(example)
        }
        // It keeps these, and may write to them.
        var arguments: [UnsafeMutablePointer<CChar>?] = ([words[0]] + words.dropFirst(2) + [corpus]).map { word in
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
