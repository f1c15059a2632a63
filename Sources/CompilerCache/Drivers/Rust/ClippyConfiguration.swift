internal import Files

/// Where clippy finds its settings.
enum ClippyConfiguration {
    /// Notes the files in which they are, and those in which they would be found first.
    ///
    /// clippy lists the file that it takes among its dependencies; which others it has looked for follows from where it looks.
    static func note(in reading: inout DriverReading, _ dependencies: RustcDependencies, _ command: RustcCommand)
        throws(Recorder.Refusal)
    {
        reading.variables += ["CLIPPY_CONF_DIR", "CLIPPY_ARGS", "CARGO_MANIFEST_DIR"].map { Word($0.utf8) }
        let start = Environment.value("CLIPPY_CONF_DIR") ?? Environment.value("CARGO_MANIFEST_DIR") ?? Word(".")
        guard var place = Directory.realPath(Path(bytes: start)) else { throw .inputUnreadable }
        while true {
            for name in ["clippy.toml", ".clippy.toml"] {
                let path = Word(place.appending(name).bytes)
                if FileStatus.of(Path(bytes: path)) == nil {
                    reading.absent.append(path)
                } else {
                    reading.files.append(path)
                }
            }
            if place.parent == place { break }
            place = place.parent
        }
        try refuseManifestLints(dependencies, command)
    }

    /// Some lints look at manifests, the lock file and the registry.
    private static func refuseManifestLints(_ dependencies: RustcDependencies, _ command: RustcCommand)
        throws(Recorder.Refusal)
    {
        let names = ["clippy::cargo", "multiple_crate_versions", "wildcard_dependencies", "feature_names"].map {
            Word($0.utf8)
        }
        var texts = command.words.map { word in
            switch word {
            case .text(let text), .path(let text): text
            }
        }
        texts.append(Environment.value("CLIPPY_ARGS") ?? [])
        for source in dependencies.files where source.hasSuffix(".rs") {
            guard let text = try? RegularFile.bytes(of: Path(bytes: source)) else { throw .inputUnreadable }
            texts.append(text)
        }
        if texts.contains(where: { text in names.contains { text.firstIndex(of: $0) != nil } }) {
            throw .lintReadsFiles
        }
    }
}
