internal import CLinux

/// How this program was built, and what of that is in use where it runs.
package enum ProgramBuild {
    /// What the program is for.
    package static var target: String {
        #if arch(x86_64)
        "x86_64 Linux"
        #elseif arch(arm64)
        "aarch64 Linux"
        #else
        "Linux"
        #endif
    }

    /// True for a program that runs without a loader, and so with the C library that it was built with.
    package static var isStatic: Bool { larder_is_static() != 0 }
    /// True for one that has a start of its own; see docs/decisions/0005.
    package static var hasOwnStart: Bool { larder_has_own_start() != 0 }
    /// True for one that was built to have it where it fits the C library.
    package static var wantsOwnStart: Bool { larder_wants_own_start() != 0 }
    /// Whether checksums are made with vectors of 256 bits.
    package static var usesWideVectors: Bool { larder_has_wide_vectors() != 0 }
    /// Whether the processor has instructions for SHA-256.
    package static var usesDigestInstructions: Bool { larder_has_digest_instructions() != 0 }

    /// The version of Swift's compiler; nil for a build that did not say.
    package static var swift: String? { text(larder_swift_compiler()) }
    /// Name and version of the C compiler.
    package static var compiler: String? { text(larder_c_compiler()) }
    /// The version of glibc that the program was built with; nil for another C library.
    package static var libraryBuiltWith: String? { text(larder_c_library_built_with()) }
    /// The version of glibc that it runs with.
    package static var library: String? { text(larder_c_library()) }

    private static func text(_ bytes: UnsafePointer<CChar>?) -> String? {
        guard let bytes, bytes[0] != 0 else { return nil }
        return String(cString: bytes)
    }
}
