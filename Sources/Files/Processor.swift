internal import CLinux
internal import Glibc

/// The processor at hand, as a compiler sees it that is told to tune for it.
package enum Processor {
    /// Words that differ when such code would; empty where we cannot tell.
    package static var features: [UInt32] {
        var words = [UInt32](repeating: 0, count: 64)
        let count = words.withUnsafeMutableBufferPointer { larder_processor($0.baseAddress, CInt($0.count)) }
        return Array(words.prefix(Int(count)))
    }

    /// How many processors take turns for us; at least 1.
    package static var count: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }
}
