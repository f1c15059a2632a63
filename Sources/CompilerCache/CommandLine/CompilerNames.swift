/// The names under which a link to the launcher stands for a compiler.
package enum CompilerNames {
    private static let plain: [StaticString] = [
        "cc", "c++", "gcc", "g++", "gfortran", "clang", "clang++", "emcc", "em++", "nasm", "yasm",
    ]

    /// True for a compiler's name, such as `gcc`, `clang-16`, `aarch64-linux-gnu-g++-12`; not for `gcc-ar` or `clang-tidy`.
    package static func contains(_ name: some Collection<UInt8>) -> Bool {
        var name = Word(name)
        if let hyphen = name.lastIndex(of: UInt8(ascii: "-")), isVersion(name[(hyphen + 1)...]) {
            name = Word(name[..<hyphen])
        }
        return plain.contains { compiler in
            guard name.hasSuffix(compiler) else { return false }
            let rest = name.count - compiler.utf8CodeUnitCount
            return rest == 0 || name[rest - 1] == UInt8(ascii: "-")
        }
    }

    private static func isVersion(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, first != UInt8(ascii: ".") else { return false }
        return text.allSatisfy { $0 == UInt8(ascii: ".") || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) }
    }
}
