import Foundation

/// What is on offer in the world of the tests: a few distributions with the versions and platforms that real ones have.
struct World: Sendable {
    var distributions = ["temurin", "corretto", "zulu", "liberica", "semeru"]
    /// The feature versions of each.
    var majors = [8, 11, 17, 21, 22]
    /// The updates of each feature version.
    var updates = 0..<4
    /// As the API spells them, inconsistently.
    var platforms = [
        ("linux", "x64", "glibc"), ("linux", "aarch64", "glibc"), ("alpine_linux", "amd64", "musl"),
        ("macos", "aarch64", "libc"), ("windows", "x64", "c_std_lib"),
    ]

    struct Item {
        var distribution: String
        var major: Int
        var update: Int
        var platform: (system: String, architecture: String, libC: String)
        var kind: String
        var hasJavaFX: Bool

        var java: String { update == 0 ? "\(major)+36" : "\(major).0.\(update)+\(update + 5)" }
        var own: String { distribution == "corretto" ? "\(major).0.\(update).\(update + 5).1" : java }
        var support: String { [8, 11, 17, 21].contains(major) ? "lts" : "sts" }
        var file: String {
            "\(distribution)-\(kind)\(hasJavaFX ? "-fx" : "")-\(major).0.\(update)-\(platform.system)-\(platform.architecture).tar.gz"
        }
        var id: String {
            String(
                file.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 },
                radix: 16
            )
        }
        var size: Int { 180_000_000 + major * 1000 + update }
    }

    func items(of distribution: String) -> [Item] {
        var items: [Item] = []
        for major in majors {
            for update in updates {
                for platform in platforms {
                    for kind in ["jdk", "jre"] {
                        for hasJavaFX in distribution == "zulu" || distribution == "liberica" ? [false, true] : [false]
                        {
                            items.append(
                                Item(
                                    distribution: distribution,
                                    major: major,
                                    update: update,
                                    platform: platform,
                                    kind: kind,
                                    hasJavaFX: hasJavaFX
                                )
                            )
                        }
                    }
                }
            }
        }
        return items
    }

    var count: Int { distributions.reduce(0) { $0 + items(of: $1).count } }

    // MARK: - As the foojay API says it

    var foojayDistributions: String {
        let items = distributions.map { name in
            """
            {"name": "\(name.capitalized)", "api_parameter": "\(name)", "maintained": true, "available": true,
             "build_of_openjdk": true, "build_of_graalvm": false, "official_uri": "https://example.org/\(name)",
             "synonyms": ["\(name)", "\(name.uppercased())", "\(name.capitalized)"], "versions": ["22+36", "21.0.3+8"]}
            """
        }
        return
            "{\"result\": [\(items.joined(separator: ",\n"))], \"message\": \"\(items.count) distribution(s) found\"}"
    }

    func foojayPackages(of distribution: String) -> String {
        let items = items(of: distribution).map { item in
            """
            {"id": "\(item.id)", "archive_type": "tar.gz", "distribution": "\(item.distribution)",
             "major_version": \(item.major), "java_version": "\(item.java)", "distribution_version": "\(item.own)",
             "jdk_version": \(item.major), "latest_build_available": \(item.update == updates.upperBound - 1),
             "release_status": "ga", "term_of_support": "\(item.support)",
             "operating_system": "\(item.platform.system)", "lib_c_type": "\(item.platform.libC)",
             "architecture": "\(item.platform.architecture)", "fpu": "unknown", "package_type": "\(item.kind)",
             "javafx_bundled": \(item.hasJavaFX), "directly_downloadable": true, "filename": "\(item.file)",
             "links": {"pkg_info_uri": "https://example.org/ids/\(item.id)",
                       "pkg_download_redirect": "https://example.org/ids/\(item.id)/redirect"},
             "free_use_in_production": true, "tck_tested": "yes", "tck_cert_uri": "", "aqavit_certified": "unknown",
             "aqavit_cert_uri": "", "size": \(item.size), "feature": []}
            """
        }
        return "{\"result\": [\(items.joined(separator: ",\n"))], \"message\": \"\(items.count) package(s) found\"}"
    }

    /// Answers as the API does.
    @Sendable func foojay(_ request: MetadataServer.Request) -> MetadataServer.Reply {
        if request.path == "/v3.0/distributions" {
            return .document(foojayDistributions, headers: ["etag": "\"d1\""])
        }
        guard request.path.hasPrefix("/v3.0/packages?"), let name = distribution(in: request.path) else {
            return .status(404)
        }
        return .document(foojayPackages(of: name), headers: ["etag": "\"p-\(name)\""])
    }

    private func distribution(in path: String) -> String? {
        let words = path.split { "?&".contains($0) }
        return words.first { $0.hasPrefix("distro=") }.map { String($0.dropFirst(7)) }
    }

    // MARK: - As a mirror says it

    private func path(_ distribution: String, _ index: Int) -> String {
        let platform = platforms[index]
        return "\(platform.0)-\(platform.1)-\(platform.2)/\(distribution).json"
    }

    var mirrorIndex: String {
        var files: [String] = []
        for (index, platform) in platforms.enumerated() {
            for name in distributions {
                files.append(
                    """
                    {"path": "\(path(name, index))", "distribution": "\(name)", "architectures": ["\(platform.1)"],
                     "operating_systems": ["\(platform.0)"], "lib_c_types": ["\(platform.2)"], "size": 1000,
                     "checksum": null, "last_modified": "2026-01-01T00:00:00Z"}
                    """
                )
            }
        }
        return "{\"version\": 2, \"updated\": \"2026-01-01T00:00:00Z\", \"files\": [\(files.joined(separator: ",\n"))]}"
    }

    func mirrorFile(_ distribution: String, platform: Int) -> String {
        let (system, architecture, libC) = platforms[platform]
        let items = items(of: distribution).filter {
            $0.platform.system == system && $0.platform.architecture == architecture
        }
        return "[" + items.map { mirrorPackage($0, libC) }.joined(separator: ",\n") + "]"
    }

    private func mirrorPackage(_ item: Item, _ libC: String) -> String {
        """
        {"id": "\(item.id)", "distribution": "\(item.distribution)",
         "version": {"components": [\(item.major), 0, \(item.update)], "build": [\(item.update + 5)], "pre_release": null},
         "distribution_version": {"components": [\(item.major), 0, \(item.update)], "build": null, "pre_release": null},
         "architecture": "\(item.platform.architecture)", "operating_system": "\(item.platform.system)",
         "package_type": "\(item.kind)", "archive_type": "targz", "download_url": "https://example.org/d/\(item.file)",
         "checksum": "\(String(repeating: "ab", count: 32))", "checksum_type": "sha256", "size": \(item.size),
         "lib_c_type": "\(libC)", "javafx_bundled": \(item.hasJavaFX), "term_of_support": "\(item.support)",
         "release_status": "ga", "latest_build_available": null}
        """
    }

    /// Answers as a mirror does.
    @Sendable func mirror(_ request: MetadataServer.Request) -> MetadataServer.Reply {
        if request.path == "/index.json" {
            return .document(mirrorIndex, headers: ["last-modified": "Thu, 01 Jan 2026 00:00:00 GMT"])
        }
        for index in platforms.indices {
            for name in distributions where request.path == "/" + path(name, index) {
                return .document(mirrorFile(name, platform: index), headers: ["etag": "\"f-\(index)-\(name)\""])
            }
        }
        return .status(404)
    }
}
