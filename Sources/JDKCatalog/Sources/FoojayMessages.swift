internal import LarderStore

/// The answers of the foojay Disco API, version 3.
enum FoojayMessages {
    /// `GET /distributions`: those that can be had.
    static func distributions(_ bytes: [UInt8]) throws(JSONReader.Failure) -> [Distribution] {
        var found: [Distribution] = []
        try result(bytes) { item in
            guard let name = item["api_parameter"]?.text, item["available"]?.flag != false else { return }
            let known = KnownDistributions.named(name)
            // The answer lists every name in three cases; one is enough.
            var synonyms: [String] = []
            for word in (item["synonyms"]?.elements ?? []).compactMap(\.text) + known.synonyms {
                let lower = word.lowercased()
                if lower != name, !synonyms.contains(lower), synonyms.count < 32 { synonyms.append(lower) }
            }
            let display = known.displayName == name ? item["name"]?.text ?? name : known.displayName
            found.append(Distribution(name: name, displayName: display, synonyms: synonyms))
        }
        return found
    }

    /// `GET /packages`; a list of which nothing can be read is none.
    static func packages(_ bytes: [UInt8]) throws(JSONReader.Failure) -> [JDKPackage] {
        var found: [JDKPackage] = []
        var count = 0
        try result(bytes) { item in
            count += 1
            if let package = package(item) { found.append(package) }
        }
        guard count == 0 || !found.isEmpty else { throw JSONReader.Failure.withoutPackages }
        return found
    }

    /// Nil for something that has no name or no version.
    static func package(_ item: JSONValue) -> JDKPackage? {
        guard let distribution = item["distribution"]?.text, let version = item["java_version"]?.text else {
            return nil
        }
        var package = JDKPackage()
        package.distribution = distribution
        package.javaVersion = version
        package.distributionVersion = item["distribution_version"]?.text ?? ""
        package.archive = item["archive_type"]?.text ?? ""
        package.filename = item["filename"]?.text ?? ""
        package.url = item["links"]?["pkg_download_redirect"]?.text ?? ""
        package.readCommonFields(of: item)
        return package
    }

    private static func result(_ bytes: [UInt8], _ body: (JSONValue) -> Void) throws(JSONReader.Failure) {
        guard try JSONReader.forEachElement(of: bytes, in: "result", body) else {
            throw JSONReader.Failure(offset: 0, reason: "there is no array called \"result\"")
        }
    }
}

extension JSONReader.Failure {
    /// There are elements, and none of them is a package.
    static let withoutPackages = JSONReader.Failure(offset: 0, reason: "none of its packages can be read")
}

extension JDKPackage {
    /// Sets what both sources say in the same words.
    ///
    /// The file's name has to be known before.
    mutating func readCommonFields(of item: JSONValue) {
        kind = item["package_type"]?.text?.lowercased() ?? "jdk"
        support = item["term_of_support"]?.text?.lowercased() ?? ""
        status = item["release_status"]?.text?.lowercased() ?? ""
        hasJavaFX = item["javafx_bundled"]?.flag ?? false
        isLatestBuild = item["latest_build_available"]?.flag
        size = item["size"]?.integer.flatMap { $0 > 0 ? $0 : nil }
        id = item["id"]?.text ?? ""
        checksum = item["checksum"]?.text ?? ""
        checksumKind = item["checksum_type"]?.text?.lowercased() ?? ""
        settle(
            operatingSystem: item["operating_system"]?.text ?? "",
            architecture: item["architecture"]?.text ?? "",
            libC: item["lib_c_type"]?.text ?? ""
        )
    }

    /// Sets what it runs on, in our spelling; what is not said is taken from the file's name.
    mutating func settle(operatingSystem: String, architecture: String, libC: String) {
        let (system, implied) = Platform.operatingSystem(operatingSystem)
        self.operatingSystem = system
        self.architecture =
            architecture.isEmpty ? Platform.architecture(inFilename: filename) : Platform.architecture(architecture)
        self.libC = implied == "musl" || libC.isEmpty ? implied : Platform.libC(libC, on: system)
    }
}
