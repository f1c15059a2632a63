/// The command line of a compiler's driver that is to link, and nothing else.
enum LinkCommandLine {
    /// Options that matter to the linker alone: all that they do is in its own command line.
    private static let rules: [OptionRule] = [
        OptionRule("-r", .alone, .keyed), OptionRule("-T", .joinedOrSeparate, .keyed),
        OptionRule("-u", .joinedOrSeparate, .keyed), OptionRule("-z", .joinedOrSeparate, .keyed),
        OptionRule("-e", .joinedOrSeparate, .keyed), OptionRule("-symbolic", .alone, .keyed),
        OptionRule("-nolibc", .alone, .keyed), OptionRule("-export-dynamic", .alone, .keyed),
        OptionRule("-o", .joinedOrSeparate, .keyed), OptionRule("-B", .joinedOrSeparate, .keyed),
        OptionRule("--sysroot", .joined, .bypass(.linkerOption)),
    ]

    /// Throws where anything but a link may happen.
    static func check(_ arguments: [Word]) throws(Bypass) {
        var index = 0
        while index < arguments.count {
            let word = arguments[index]
            index += 1
            guard word.first == UInt8(ascii: "-") else {
                // A source is compiled first.
                if Language(source: word) != nil || word.hasSuffix(".s") { throw .linking }
                continue
            }
            guard word.count > 1 else { throw .standardInput }
            guard
                let rule = rules.first(where: { $0.matches(word) })
                    ?? GNUOptions.rules(for: word[1]).first(where: { $0.matches(word) })
            else { throw .unknownOption }
            switch rule.form {
            case .separate: index += 1
            case .joinedOrSeparate where word.count == rule.name.utf8CodeUnitCount: index += 1
            default: break
            }
            switch rule.meaning {
            // What a profile needs is in the linker's own words. Where nothing is compiled, no dependency file is written.
            case .bypass(.profile), .dependencies: break
            case .bypass(let cause): throw cause
            case .language, .compile: throw .linking
            // Files that code for the linker is compiled with.
            case .input, .precompiledHeader, .forcedInclude, .frontend: throw .otherInputs
            case .keyed where word.hasPrefix("-f") && word.contains(UInt8(ascii: "/")): throw .unknownOption
            default: break
            }
        }
    }
}
