/// Finds packages in a catalogue.
package struct Search: Sendable {
    /// Which version of a package a pattern is held against.
    package enum VersionField: Sendable {
        /// The Java version, and the distribution's own for a pattern that looks like one.
        case automatic
        case java
        case distribution
    }

    package var query: SearchQuery
    /// Only packages that run there; a word that is empty is not looked at.
    package var platform: Platform
    package var onlyLongTerm = false
    package var field = VersionField.automatic

    package init(_ query: SearchQuery, on platform: Platform) { (self.query, self.platform) = (query, platform) }

    /// What was found.
    package struct Match: Sendable, Hashable {
        package var distribution: Distribution
        package var package: JDKPackage
    }

    /// The distribution that the query names in `catalog`; nil where it names none, or one that is not there.
    package func distribution(in catalog: Catalog) -> Distribution? {
        guard let name = query.distribution else { return nil }
        // A name wins over a synonym, whichever comes first.
        return catalog.distributions.first { $0.name == name.lowercased() }
            ?? catalog.distributions.first { $0.isCalled(name) }
    }

    /// The packages of `catalog` that fit: by the names of the distributions, the newest first.
    ///
    /// Linear in the catalogue's bytes; only what fits is decoded.
    package func matches(in catalog: Catalog) -> [Match] {
        var wanted: [UInt8]?
        if query.distribution != nil {
            guard let distribution = distribution(in: catalog) else { return [] }
            wanted = Array(distribution.name.utf8)
        }
        let kind = Array(query.kind.utf8)
        let conditions: [(CatalogFormat.Field, [UInt8])] = [
            (.operatingSystem, Array(platform.operatingSystem.utf8)),
            (.architecture, Array(platform.architecture.utf8)),
            (.kind, kind),
        ].filter { !$0.1.isEmpty }
        let libC = Array(platform.libC.utf8)

        var found: [(version: JDKVersion, package: JDKPackage)] = []
        catalog.forEachLine { line in
            if let wanted, !line.has(wanted, at: .distribution) { return }
            guard conditions.allSatisfy({ line.has($0.1, at: $0.0) }) else { return }
            // A package that does not say its C library may be for any.
            guard libC.isEmpty || line.isEmpty(.libC) || line.has(libC, at: .libC) else { return }
            guard !query.wantsJavaFX || line.has([UInt8(ascii: "1")], at: .hasJavaFX) else { return }
            guard !onlyLongTerm || line.has(Array("lts".utf8), at: .support) else { return }
            guard let version = version(of: line) else { return }
            found.append((version, line.package))
        }
        if query.version == .latest { found = Self.newest(found) }
        let distributions = Dictionary(
            catalog.distributions.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return found.sorted { Self.isBefore($0, $1) }.map { item in
            let name = item.package.distribution
            return Match(distribution: distributions[name] ?? Distribution(name: name), package: item.package)
        }
    }

    /// The version to sort by; nil where the package does not fit the query's.
    private func version(of line: PackageLine) -> JDKVersion? {
        let java = JDKVersion(line[.javaVersion])
        var own: JDKVersion? { JDKVersion(line[.distributionVersion]) }
        let shown = field == .distribution ? own ?? java : java
        switch query.version {
        case .any: return shown
        // Early access builds are newer than any release, and not what "latest" means.
        case .latest: return line.has(Array("ea".utf8), at: .status) || shown?.preRelease != nil ? nil : shown
        case .matching(let pattern):
            let fits =
                switch field {
                case .java: java.map { pattern.covers($0) } == true
                case .distribution: own.map { pattern.covers($0) } == true
                case .automatic:
                    java.map { pattern.covers($0) } == true
                        || pattern.looksLikeDistributionVersion && own.map { pattern.covers($0) } == true
                }
            return fits ? shown : nil
        }
    }

    private static func newest(
        _ items: [(version: JDKVersion, package: JDKPackage)]
    ) -> [(version: JDKVersion, package: JDKPackage)] {
        var newest: [String: JDKVersion] = [:]
        for item in items where newest[item.package.distribution].map({ $0 < item.version }) ?? true {
            newest[item.package.distribution] = item.version
        }
        return items.filter { newest[$0.package.distribution] == $0.version }
    }

    /// By distribution, then newest first; of one version the newest build, and an archive that tar unpacks.
    private static func isBefore(
        _ left: (version: JDKVersion, package: JDKPackage),
        _ right: (version: JDKVersion, package: JDKPackage)
    ) -> Bool {
        let (first, second) = (left.package, right.package)
        if first.distribution != second.distribution { return first.distribution < second.distribution }
        if left.version != right.version { return left.version > right.version }
        func rank(_ package: JDKPackage) -> (Int, Int, Int, String) {
            let build = package.isLatestBuild.map { $0 ? 0 : 2 } ?? 1
            return (
                build, package.hasJavaFX ? 1 : 0, package.archive == "tar.gz" ? 0 : 1, package.filename + package.id
            )
        }
        return rank(first) < rank(second)
    }
}

extension Catalog {
    /// How many packages each distribution has for `platform`, of either kind, by its name.
    package func counts(for platform: Platform) -> [String: Int] {
        let system = Array(platform.operatingSystem.utf8)
        let architecture = Array(platform.architecture.utf8)
        let libC = Array(platform.libC.utf8)
        var counts: [String: Int] = [:]
        forEachLine { line in
            guard system.isEmpty || line.has(system, at: .operatingSystem),
                architecture.isEmpty || line.has(architecture, at: .architecture),
                libC.isEmpty || line.isEmpty(.libC) || line.has(libC, at: .libC)
            else { return }
            counts[line[.distribution], default: 0] += 1
        }
        return counts
    }
}
