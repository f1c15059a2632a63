/// A Java version or a version of a distribution's own: `21`, `17.0.9+8`, `22-ea+12`, `21.0.5.11.1`, `8u392`.
///
/// The order is that of age: `21.0.5 < 21.0.5+11 < 21.0.6`, and an early access build comes before its release.
/// Missing components count as zero, so `21` and `21.0.0` are equally old; text decides between what is left.
package struct JDKVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// As it was written.
    package let description: String
    /// The dotted numbers at the start, at least one; of `1.8.0_392` and `8u392` they are 8, 0 and 392.
    package let components: [UInt32]
    /// What follows a hyphen, such as `ea`.
    package let preRelease: String?
    /// What follows a plus sign.
    package let build: String?

    /// Reads a version; nil where it does not begin with a number, or a number in it is beyond 32 bits.
    package init?(_ text: String) {
        description = text
        var rest = Substring(text)
        var components: [UInt32] = []
        while let number = Self.popNumber(from: &rest) {
            guard let number = UInt32(number), components.count < 16 else { return nil }
            components.append(number)
            // "1.8.0_392" and "8u392" are how Java 8 and older were written.
            if rest.first == "u", components.count == 1 {
                components.append(0)
            } else if rest.first != ".", rest.first != "_" {
                break
            }
            rest.removeFirst()
            guard rest.first?.isASCIIDigit == true else { return nil }
        }
        guard !components.isEmpty else { return nil }
        if components.count > 1, components[0] == 1, (1...8).contains(components[1]) { components.removeFirst() }
        self.components = components

        var preRelease: String?
        var build: String?
        if rest.first == "-" {
            let end = rest.firstIndex(of: "+") ?? rest.endIndex
            preRelease = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[end...]
        }
        if rest.first == "+" {
            build = String(rest.dropFirst())
            rest = ""
        }
        guard rest.isEmpty, preRelease?.isEmpty != true, build?.isEmpty != true else { return nil }
        (self.preRelease, self.build) = (preRelease, build)
    }

    /// The first number, such as 21.
    package var major: UInt32 { components[0] }

    /// The build as numbers, as far as it begins with them: `11.1` is 11 and 1, `11-LTS` is 11, `b12` is nothing.
    private var buildNumbers: [UInt32] {
        guard let build else { return [] }
        var numbers: [UInt32] = []
        for part in build.split(separator: ".", omittingEmptySubsequences: false) {
            let digits = part.prefix { $0.isASCIIDigit }
            guard let number = UInt32(digits) else { break }
            numbers.append(number)
            if digits.endIndex != part.endIndex { break }
        }
        return numbers
    }

    /// True where only a distribution would number like this: four components or more, or a build that is no number.
    package var looksLikeDistributionVersion: Bool {
        components.count > 3 || build.map { UInt32($0) == nil } == true
    }

    /// True when this, taken as a pattern, covers `version`.
    ///
    /// The components are a prefix of the version's, so `21` covers `21.0.5` and `21.0.0` does not cover `21`. What
    /// else the pattern says must be the same. A build may also be written as one component more: `21.0.5+11` covers
    /// `21.0.5.11.1`, and `21.0.5.11` covers `21.0.5+11`.
    package func covers(_ version: JDKVersion) -> Bool {
        if let preRelease, preRelease != version.preRelease { return false }
        if let build {
            let numbers = buildNumbers
            if version.components == components {
                return version.build == build || UInt32(build) != nil && version.buildNumbers == numbers
            }
            return !numbers.isEmpty && version.build == nil && version.components.starts(with: components + numbers)
        }
        if version.components.starts(with: components) { return true }
        return version.build != nil && (version.components + version.buildNumbers).starts(with: components)
            && components.count > version.components.count
    }

    package static func < (left: JDKVersion, right: JDKVersion) -> Bool {
        for index in 0..<max(left.components.count, right.components.count) {
            let (first, second) = (left.components.at(index) ?? 0, right.components.at(index) ?? 0)
            if first != second { return first < second }
        }
        if (left.preRelease == nil) != (right.preRelease == nil) { return left.preRelease != nil }
        if let first = left.preRelease, let second = right.preRelease, first != second { return first < second }
        let (first, second) = (left.buildNumbers, right.buildNumbers)
        if first != second { return first.lexicographicallyPrecedes(second) }
        return left.description < right.description
    }

    package static func == (left: JDKVersion, right: JDKVersion) -> Bool { left.description == right.description }

    package func hash(into hasher: inout Hasher) { hasher.combine(description) }

    /// Takes the digits at the start of `text` off; nil where there are none.
    private static func popNumber(from text: inout Substring) -> Substring? {
        let number = text.prefix { $0.isASCIIDigit }
        guard !number.isEmpty else { return nil }
        text = text[number.endIndex...]
        return number
    }
}

extension Character {
    /// `Character.isNumber` would take the digits of every script.
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

extension Array {
    /// The element at `index`, or nil where there is none.
    func at(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
