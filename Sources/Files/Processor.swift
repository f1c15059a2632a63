internal import CLinux

/// The processor at hand, as a compiler sees it that is told to tune for it.
package enum Processor {
    /// Words that differ when such code would; empty where we cannot tell.
    package static var features: [UInt32] {
        var words = [UInt32](repeating: 0, count: 64)
        let count = words.withUnsafeMutableBufferPointer { larder_processor($0.baseAddress, CInt($0.count)) }
        return Array(words.prefix(Int(count)))
    }
}
