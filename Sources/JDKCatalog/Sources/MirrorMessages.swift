internal import LarderStore

/// The files of a metadata mirror: an index, and lists of packages.
enum MirrorMessages {
    /// One file that the index names.
    struct File: Sendable, Hashable {
        /// Relative to the mirror's base URL.
        var path: String
        var distribution: String
        /// What the file is for; empty for everything.
        var architectures: [String]
        var operatingSystems: [String]
        var libraries: [String]
        /// In bytes, or nil where the index does not say.
        var size: Int64?

        /// Whether packages for `platform` may be in it.
        ///
        /// A C library is a matter of Linux only. What the platform leaves open, any file has.
        func serves(_ platform: Platform) -> Bool {
            let systems = operatingSystems.map { Platform.operatingSystem($0) }
            let (system, architecture) = (platform.operatingSystem, platform.architecture)
            if !systems.isEmpty, !system.isEmpty, !systems.contains(where: { $0.name == system }) { return false }
            let architectures = architectures.map { Platform.architecture($0) }
            if !architectures.isEmpty, !architecture.isEmpty, !architectures.contains(architecture) { return false }
            guard system == "linux", !platform.libC.isEmpty else { return true }
            let libraries = libraries.map { Platform.libC($0, on: "linux") }
            return libraries.isEmpty || libraries.contains(platform.libC)
        }
    }

    /// The files that `index.json` names; fails where a path leads out of the mirror or the file has another shape.
    static func index(_ bytes: [UInt8]) throws(JSONReader.Failure) -> [File] {
        var files: [File] = []
        var refused: String?
        let isFound = try JSONReader.forEachElement(of: bytes, in: "files") { item in
            guard let path = item["path"]?.text, isInside(path) else {
                refused = refused ?? "a file in it has no usable path"
                return
            }
            func words(_ name: String) -> [String] { (item[name]?.elements ?? []).compactMap(\.text) }
            files.append(
                File(
                    path: path,
                    distribution: item["distribution"]?.text ?? "",
                    architectures: words("architectures"),
                    operatingSystems: words("operating_systems"),
                    libraries: words("lib_c_types"),
                    size: item["size"]?.integer
                )
            )
        }
        if !isFound { refused = "there is no array called \"files\"" }
        if let refused { throw JSONReader.Failure(offset: 0, reason: refused) }
        return files
    }

    /// A list of packages; one of which nothing can be read is none.
    static func packages(_ bytes: [UInt8]) throws(JSONReader.Failure) -> [JDKPackage] {
        var found: [JDKPackage] = []
        var count = 0
        let isFound = try JSONReader.forEachElement(of: bytes, in: nil) { item in
            count += 1
            if let package = package(item) { found.append(package) }
        }
        guard isFound else { throw JSONReader.Failure(offset: 0, reason: "it is no list of packages") }
        guard count == 0 || !found.isEmpty else { throw JSONReader.Failure.withoutPackages }
        return found
    }

    /// Nil for something that has no name or no version.
    ///
    /// `named` is the distribution where the package does not say.
    static func package(_ item: JSONValue, named distribution: String = "") -> JDKPackage? {
        guard let version = version(item["version"]) else { return nil }
        var package = JDKPackage()
        package.distribution = item["distribution"]?.text ?? item["distribution"]?["other"]?.text ?? distribution
        guard !package.distribution.isEmpty else { return nil }
        package.javaVersion = version
        package.distributionVersion = self.version(item["distribution_version"]) ?? ""
        package.archive = archive(item["archive_type"]?.text ?? "")
        package.url = item["download_url"]?.text ?? ""
        package.filename = String(package.url.split(separator: "/").last ?? "")
        package.readCommonFields(of: item)
        return package
    }

    /// A version is text, or an object with its parts.
    private static func version(_ value: JSONValue?) -> String? {
        if let text = value?.text { return text }
        func numbers(_ name: String) -> [String] {
            (value?[name]?.elements ?? []).compactMap { $0.integer.map(String.init) }
        }
        let components = numbers("components")
        guard !components.isEmpty else { return nil }
        let build = numbers("build")
        return components.joined(separator: ".")
            + (value?["pre_release"]?.text.map { "-\($0)" } ?? "")
            + (build.isEmpty ? "" : "+" + build.joined(separator: "."))
    }

    private static func archive(_ word: String) -> String {
        switch word.lowercased() {
        case "targz", "tar.gz", "tgz": "tar.gz"
        case let word: word
        }
    }

    /// True for a path below the mirror: the index must not send us anywhere else.
    private static func isInside(_ path: String) -> Bool {
        !path.hasPrefix("/") && !path.contains("://") && !path.contains("\\") && !path.contains("?")
            && !path.contains("#") && path.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
            && !path.split(separator: "/", omittingEmptySubsequences: false).contains { $0 == ".." || $0.isEmpty }
    }
}
