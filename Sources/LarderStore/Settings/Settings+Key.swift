internal import Files

/// What the settings add to the key of a result, whatever makes it.
extension Settings {
    /// The longest namespace, in bytes.
    package static let longestNamespace = 255

    /// Adds the namespace and the content of the extra inputs; nothing where none is set.
    package func addIngredients(to key: inout KeyBuilder) {
        if !namespace.isEmpty { key.add("namespace", namespace) }
        for file in extraInputs {
            if let digest = Self.digest(of: file) {
                key.add("extra input", digest.hex)
            } else if FileStatus.ofLink(file) == nil {
                key.add("extra input", "none")
            } else {
                // What cannot be read, or is no file, may be anything: no result is found, and none is kept.
                key.add("extra input", "unreadable")
                key.add("at", Clock.monotonic)
            }
        }
    }

    /// What tells two states of the extra inputs apart; nil where there are none.
    package var extraInputsState: Digest? {
        if extraInputs.isEmpty { return nil }
        var key = KeyBuilder(domain: "extra inputs")
        addIngredients(to: &key)
        return key.finish().digest
    }

    /// True for an option of a compiler's command line that does not count; the name of a source always does.
    package func ignoresOption(_ word: some Collection<UInt8>) -> Bool {
        word.first == UInt8(ascii: "-")
            && ignoredOptions.contains { option in
                guard option.last == UInt8(ascii: "*") else { return word.elementsEqual(option) }
                return word.starts(with: option.dropLast())
            }
    }

    private static func digest(of file: Path) -> Digest? {
        guard let file = try? RegularFile(at: file) else { return nil }
        return try? Digest.ofFile(file)
    }
}
