package import Files
package import LarderStore

/// One thing that a result depends on, as it was seen.
package struct Ingredient: Equatable {
    /// What it is.
    ///
    /// The raw values are on disk: never reuse one.
    package enum Kind: UInt8 {
        case directory = 1
        case text = 2
        case fileModeMask = 3
        case streams = 4
        case variable = 5
        case standardInput = 6
        case tool = 7
        case input = 8
        case dependency = 9
        // What the trace of a run names.
        case content = 10
        case missing = 11
        case listing = 12
        case status = 13
        case presence = 14
        case realPath = 15
        case host = 16
        case inputKind = 17
        case sameness = 18
        case environment = 19
        case found = 20
    }

    /// In what form it was there.
    ///
    /// The raw values are on disk: never reuse one.
    package enum Form: UInt8 {
        case absent = 0x2D  // -
        case value = 0x76  // v
        case file = 0x66  // f
        case program = 0x78  // x
        case link = 0x6C  // l
        case directory = 0x64  // d
    }

    package var kind: Kind
    package var form: Form
    package var name: [UInt8]
    /// The digest of its content; of nothing for what has none.
    package var value: Digest
    /// Which file it was; of a name that was not found, its directory.
    package var identity: FileIdentity?
    /// True when a file of this identity has this content, and a directory of this identity lacks this name, now and later.
    package var isTrusted = false

    package init(
        kind: Kind,
        form: Form,
        name: [UInt8],
        value: Digest,
        identity: FileIdentity? = nil,
        isTrusted: Bool = false
    ) {
        (self.kind, self.form, self.name, self.value) = (kind, form, name, value)
        (self.identity, self.isTrusted) = (identity, isTrusted)
    }

    static let nothing = Digest.of([])

    /// What a person calls it.
    var description: String {
        let name = String(decoding: self.name.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
        return switch kind {
        case .directory: "the working directory"
        case .text: "the text of --key"
        case .fileModeMask: "the umask"
        case .streams: "where the output goes"
        case .variable: "the variable \(name)"
        case .standardInput: "standard input"
        case .tool: "the program \(name)"
        case .input, .dependency, .content, .missing: name
        case .listing: "the names in \(name)"
        case .status: "size or time of \(name)"
        case .presence: "whether \(name) is there"
        case .realPath: "where \(name) leads"
        case .host: "the machine's name"
        case .inputKind: "what standard input is"
        case .sameness: "which of several files are one, or their times"
        case .environment: "the environment"
        case .found: "which \(name) PATH leads to"
        }
    }

    /// Its kind in one token, for the reason of a miss.
    var token: String {
        switch kind {
        case .directory: "directory"
        case .text: "key"
        case .fileModeMask: "umask"
        case .streams: "streams"
        case .variable: "env"
        case .standardInput: "stdin"
        case .tool: "tool"
        case .input: "input"
        case .dependency: "dependency"
        case .content: "read"
        case .missing: "appeared"
        case .listing: "listing"
        case .status: "status"
        case .presence: "presence"
        case .realPath: "real_path"
        case .host: "host"
        case .inputKind: "input_kind"
        case .sameness: "sameness"
        case .environment: "env"
        case .found: "tool"
        }
    }
}

/// Everything that a result depends on, as it was seen at one time, in an order that is always the same.
package struct Observation: Equatable {
    package var ingredients: [Ingredient]

    package init(_ ingredients: [Ingredient] = []) { self.ingredients = ingredients }

    /// Identifies all of it, whatever the files' identities are.
    package var digest: Digest {
        var key = KeyBuilder(domain: "command-observation-1")
        for ingredient in ingredients {
            key.add("what", Int64(ingredient.kind.rawValue) << 8 | Int64(ingredient.form.rawValue))
            key.add("name", ingredient.name)
            ingredient.value.withBytes { key.add("value", $0) }
        }
        return key.finish().digest
    }

    /// How one thing differs between two observations.
    package enum Difference: Equatable {
        case changed(Ingredient)
        case appeared(Ingredient)
        case gone(Ingredient)

        var ingredient: Ingredient {
            switch self {
            case .changed(let one), .appeared(let one), .gone(let one): one
            }
        }

        /// One line, such as `changed: src/a.c`.
        package var description: String {
            switch self {
            case .changed(let one): "changed: \(one.description)"
            case .appeared(let one): "new: \(one.description)"
            case .gone(let one): "gone: \(one.description)"
            }
        }
    }

    /// What is different now from what it was in `earlier`.
    package func differences(from earlier: Observation) -> [Difference] {
        // A link and what it leads to have one name, and so have a program and where it really is.
        struct Place: Hashable {
            var kind: UInt8
            var facet: UInt8
            var name: [UInt8]
            init(_ ingredient: Ingredient) {
                (kind, name) = (ingredient.kind.rawValue, ingredient.name)
                facet = ingredient.form == .link ? 1 : ingredient.form == .value && ingredient.kind == .tool ? 2 : 0
            }
        }
        var before: [Place: Ingredient] = [:]
        for ingredient in earlier.ingredients { before[Place(ingredient)] = ingredient }
        var found: [Difference] = []
        for ingredient in ingredients {
            guard let old = before.removeValue(forKey: Place(ingredient)) else {
                found.append(.appeared(ingredient))
                continue
            }
            if old.form != ingredient.form || old.value != ingredient.value { found.append(.changed(ingredient)) }
        }
        for ingredient in earlier.ingredients where before[Place(ingredient)] != nil { found.append(.gone(ingredient)) }
        return found
    }
}
