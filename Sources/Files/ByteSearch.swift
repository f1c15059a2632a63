internal import CLinux
internal import Glibc

/// Searches bytes at the C library's speed.
package enum ByteSearch {
    /// Where `needle` first occurs in `haystack`.
    package static func firstIndex(of needle: UnsafeRawBufferPointer, in haystack: UnsafeRawBufferPointer) -> Int? {
        guard let base = haystack.baseAddress, let pattern = needle.baseAddress,
            let found = larder_find(base, haystack.count, pattern, needle.count)
        else { return nil }
        return found - base
    }

    /// Where `byte` first occurs in `haystack`.
    package static func firstIndex(of byte: UInt8, in haystack: UnsafeRawBufferPointer) -> Int? {
        guard let base = haystack.baseAddress, let found = memchr(base, CInt(byte), haystack.count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// True where `needle` occurs in `haystack`.
    package static func contains(_ haystack: [UInt8], _ needle: [UInt8]) -> Bool {
        needle.withUnsafeBytes { needle in haystack.withUnsafeBytes { firstIndex(of: needle, in: $0) != nil } }
    }

    /// True where `needle` occurs in `haystack`.
    package static func contains(_ haystack: [UInt8], _ needle: StaticString) -> Bool {
        let needle = UnsafeRawBufferPointer(start: needle.utf8Start, count: needle.utf8CodeUnitCount)
        return haystack.withUnsafeBytes { firstIndex(of: needle, in: $0) != nil }
    }
}
