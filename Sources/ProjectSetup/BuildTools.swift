/// What the machine has to build with, as far as it changes what a project needs.
package struct BuildTools: Sendable {
    package struct Version: Sendable, Comparable {
        let major: Int
        let minor: Int

        package init(_ major: Int, _ minor: Int) { (self.major, self.minor) = (major, minor) }

        /// Takes the first `N.N` of what a program says of itself.
        package init?(said text: some Sequence<UInt8>) {
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            let words = Array(text).split { !digits.contains($0) && $0 != UInt8(ascii: ".") }
            for word in words {
                let numbers = word.split(separator: UInt8(ascii: ".")).map { Int(String(decoding: $0, as: UTF8.self)) }
                if numbers.count >= 2, let major = numbers[0], let minor = numbers[1] {
                    self.init(major, minor)
                    return
                }
            }
            return nil
        }

        package static func < (left: Version, right: Version) -> Bool {
            (left.major, left.minor) < (right.major, right.minor)
        }
    }

    /// Nil where CMake is not installed or does not say.
    let cmake: Version?
    /// Those of ``wanted`` that are in `PATH`.
    private let programs: Set<String>

    /// What is worth looking for.
    package static let wanted = ["cc", "gcc", "clang", "c++", "g++", "clang++", "ninja", "larder"]

    package init(cmake: Version?, programs: Set<String>) { (self.cmake, self.programs) = (cmake, programs) }

    package var hasLarder: Bool { has("larder") }

    func has(_ program: String) -> Bool { programs.contains(program) }

    /// The first of `candidates` that is there; the first of all where none is.
    func first(of candidates: String...) -> String { candidates.first { has($0) } ?? candidates[0] }
}
