internal import Files
internal import LarderStore

/// Looks at everything that a result depends on.
///
/// A file whose identity was trusted before is not read again.
struct Observer {
    private(set) var observation = Observation()
    /// True when much was looked at that the earlier observation did not know, and is known by an identity from now on.
    private(set) var hasLearnt = false

    private let earlier: Observation
    private let contents: KnownContent
    /// Where the next file probably is in the earlier observation: both have the same order.
    private var cursor = 0
    private var places: [[UInt8]: Int]?
    /// When we began to look: what is younger may change without a sign of it.
    private let moment: Int64
    private var trust = IdentityTrust()
    /// The directory in which a name was looked for last, with its identity.
    private var directory: (path: Path, identity: FileIdentity?)?
    /// How many names were looked for although an earlier observation may have told that they are absent.
    private var searches = 0
    /// Beyond that many it is worth a new observation.
    private static let searchLimit = 64

    init(_ contents: KnownContent, knowing earlier: Observation = Observation(), at moment: Int64 = Clock.stamp) {
        (self.contents, self.earlier) = (contents, earlier)
        self.moment = moment
    }

    mutating func add(_ kind: Ingredient.Kind, _ name: [UInt8] = [], value: [UInt8]?) {
        observation.ingredients.append(
            Ingredient(
                kind: kind,
                form: value == nil ? .absent : .value,
                name: name,
                value: value.map { Digest.of($0) } ?? Ingredient.nothing
            )
        )
    }

    /// Looks what is in the place of a name that was not found, which `obstacle` says: nil for nothing.
    ///
    /// Nothing is as long as its directory is what it was when nothing was.
    mutating func add(missing name: [UInt8], _ obstacle: (Path) -> [UInt8]?) {
        let path = Path(bytes: name)
        let parent = path.parent
        if directory?.path != parent { directory = (parent, FileStatus.of(parent)?.identity) }
        let identity = directory?.identity
        var ingredient = Ingredient(kind: .missing, form: .absent, name: name, value: Ingredient.nothing)
        if let identity, let index = index(of: name) {
            cursor = index + 1
            let earlier = earlier.ingredients[index]
            if earlier.kind == .missing, earlier.form == .absent, earlier.isTrusted, earlier.identity == identity,
                identity.isStampedOnChange
            {
                (ingredient.identity, ingredient.isTrusted) = (identity, true)
                return observation.ingredients.append(ingredient)
            }
        }
        if let value = obstacle(path) { return add(.missing, name, value: value) }
        if let identity, identity.isSettled(before: moment), trust.provesContent(identity, at: parent) {
            (ingredient.identity, ingredient.isTrusted) = (identity, true)
            searches += 1
            if searches > Self.searchLimit { hasLearnt = true }
        }
        observation.ingredients.append(ingredient)
    }

    /// Adds what was seen before, and cannot change.
    mutating func add(_ ingredient: Ingredient) { observation.ingredients.append(ingredient) }

    /// Looks at every file of `listing`.
    mutating func add(_ listing: InputListing) throws(Refusal) {
        for item in listing.items { try add(.input, item.name, item.status) }
    }

    /// Looks at the file called `name`, of which `status` says what it is, links not followed.
    mutating func add(_ kind: Ingredient.Kind, _ name: [UInt8], _ status: FileStatus?) throws(Refusal) {
        guard var status else { return append(kind, .absent, name) }
        let path = Path(bytes: name)
        if status.kind == .symbolicLink {
            guard let target = Directory.target(ofLink: path) else { throw .inputChanged }
            append(kind, .link, name, Digest.of(Array(target.bytes)))
            guard let found = FileStatus.of(path) else { return append(kind, .absent, name) }
            status = found
        }
        switch status.kind {
        case .directory: append(kind, .directory, name)
        case .regular: try addContent(kind, path, name, status)
        case .symbolicLink, .other: throw .inputSpecial
        }
    }

    /// Takes standard input, a file that may be read from `offset` on.
    mutating func addStandardInput(from offset: Int) throws(Refusal) {
        let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
        defer { part.deallocate() }
        var running = Digest.Running()
        var position = offset
        let identity = GivenInput.status?.identity
        do throws(SystemError) {
            while true {
                let count = try GivenInput.read(at: position, into: part)
                if count == 0 { break }
                running.update(UnsafeRawBufferPointer(rebasing: part[..<count]))
                position += count
            }
        } catch {
            throw .inputUnreadable
        }
        guard let identity, GivenInput.status?.identity == identity else { throw .inputChanged }
        observation.ingredients.append(
            Ingredient(kind: .standardInput, form: .value, name: [], value: running.finish(), identity: identity)
        )
    }

    private mutating func append(
        _ kind: Ingredient.Kind,
        _ form: Ingredient.Form,
        _ name: [UInt8],
        _ value: Digest = Ingredient.nothing
    ) {
        observation.ingredients.append(Ingredient(kind: kind, form: form, name: name, value: value))
    }

    private mutating func addContent(
        _ kind: Ingredient.Kind,
        _ path: Path,
        _ name: [UInt8],
        _ status: FileStatus
    ) throws(Refusal) {
        guard status.isReadable(at: path) else { throw .inputUnreadable }
        let form = status.mode & 0o111 == 0 ? Ingredient.Form.file : .program
        var ingredient = Ingredient(
            kind: kind,
            form: form,
            name: name,
            value: Ingredient.nothing,
            identity: status.identity,
            isTrusted: true
        )
        if let known = known(name, status.identity) {
            ingredient.value = known
        } else {
            ingredient.value = try content(of: path, status.identity)
            ingredient.isTrusted =
                status.identity.isSettled(before: moment) && trust.provesContent(status.identity, at: path)
            if ingredient.isTrusted { hasLearnt = true }
        }
        observation.ingredients.append(ingredient)
    }

    /// The digest of the file, if it is still the one of this identity.
    private func content(of path: Path, _ identity: FileIdentity) throws(Refusal) -> Digest {
        // The caller has looked at it.
        guard let answer = contents.digest(of: path, isRegular: true) else {
            throw FileStatus.of(path)?.identity == identity ? .inputUnreadable : .inputChanged
        }
        guard answer.identity == identity else { throw .inputChanged }
        return answer.digest
    }

    /// The content that the earlier observation found in the file of this name, if that is still the same file.
    private mutating func known(_ name: [UInt8], _ identity: FileIdentity) -> Digest? {
        guard let index = index(of: name) else { return nil }
        cursor = index + 1
        let candidate = earlier.ingredients[index]
        return candidate.isTrusted && candidate.identity == identity && identity.isStampedOnChange
            ? candidate.value : nil
    }

    private mutating func index(of name: [UInt8]) -> Int? {
        let ingredients = earlier.ingredients
        while cursor < ingredients.count, ingredients[cursor].identity == nil { cursor += 1 }
        if cursor < ingredients.count, ingredients[cursor].name == name { return cursor }
        if let places { return places[name] }
        // Few are looked for one by one; for many a table is worth its making.
        guard ingredients.count > 32 else {
            return ingredients.firstIndex { $0.isTrusted && $0.name == name }
        }
        var table: [[UInt8]: Int] = [:]
        for (index, ingredient) in ingredients.enumerated() where ingredient.isTrusted {
            table[ingredient.name] = index
        }
        places = table
        return table[name]
    }
}
