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

    /// For which system and processor this program was built: `linux-x86_64`.
    package static var platform: String {
        #if os(Linux)
        let system = "linux"
        #else
        let system = "macos"
        #endif
        #if arch(x86_64)
        return system + "-x86_64"
        #elseif arch(arm64)
        return system + "-aarch64"
        #else
        return system + "-other"
        #endif
    }

    /// How many processors take turns for us; at least 1.
    package static var count: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }
}
