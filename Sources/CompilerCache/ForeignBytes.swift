internal import Files
internal import LarderStore

extension CompilerCache {
    /// What this module reads that another process has written, each as a function of bytes: for the fuzzer.
    package enum ForeignBytes {
        /// A publication that a launcher hands over; true for what is one.
        package static func isHandover(_ bytes: [UInt8]) -> Bool { (try? Handover(decoding: bytes)) != nil }

        /// A manifest, looked into everywhere; true for what is one.
        package static func isManifest(_ bytes: [UInt8]) -> Bool {
            bytes.withUnsafeBytes { bytes in
                guard let manifest = ManifestFormat.decode(bytes) else { return false }
                let again = ManifestFormat.encode(manifest)
                return again.withUnsafeBytes { ManifestFormat.decode($0) != nil }
            }
        }

        /// What was found out about a compiler; true for what is such a record.
        package static func isToolchain(_ bytes: [UInt8]) -> Bool {
            guard let toolchain = ToolchainRecord.decode(bytes) else { return false }
            return ToolchainRecord.encode(toolchain).flatMap(ToolchainRecord.decode) != nil
        }

        /// The texts that programs and people write, each with who reads it.
        package static func texts() -> [(name: String, read: @Sendable ([UInt8]) -> Void)] {
            let roots = CheckoutRoots(at: [Word("/home/u/p"), Word("/home/u")])
            return [
                ("source", { _ = SourceScan($0, isAssembler: false) }),
                ("assembler", { _ = SourceScan($0, isAssembler: true) }),
                ("dependencies", { _ = DependencyFile.dependencies(in: $0) }),
                (
                    "dependencies, written again",
                    { text in
                        let paths = DependencyFile.dependencies(in: text) ?? []
                        for family in [Family.gcc, .clang] {
                            _ = DependencyFile.text(family, targets: [], dependencies: paths, phony: true)
                        }
                    }
                ),
                ("Rust dependencies", { _ = RustcDependencies($0)?.rivals(besides: []) }),
                ("line markers", { _ = LineMarkers.names(in: $0) }),
                ("response file", { _ = try? ResponseFile.words(of: $0) }),
                (
                    "diagnostics, and a list of headers",
                    { text in
                        let relay = OutputRelay(isHeld: true, signs: [.init("a.o.tmp")], tracesHeaders: true)
                        _ = text.withUnsafeBytes { relay.take($0, of: .error) }
                        relay.end()
                    }
                ),
                ("graph of headers", { _ = InclusionGraph.files(in: $0, systemRoot: [47]) }),
                ("Swift imports", { _ = SwiftImports.names(in: $0) }),
                ("Swift map", { _ = SwiftOutputMap($0) }),
                ("Swift messages", { _ = SwiftMessages(CapturedStreams(error: $0), areMessages: true) }),
                ("assembler's input", { _ = AssemblerInput.isNamed(in: $0) || AssemblerInput.isBegun(in: $0) }),
                ("string", { _ = AssemblerInput.unescaped($0) }),
                ("text with paths", { _ = roots.marked($0).flatMap { roots.unmarked($0) } }),
                ("word with paths", { _ = roots.abstract($0) }),
                ("driver's message", { _ = DriverMessage.isIn($0, driver: Self.command) }),
            ]
        }

        private static let command = CompileCommand(
            name: Word("gcc"),
            compiler: "/usr/bin/gcc",
            arguments: words,
            directory: "/home/u/p"
        )

        /// One of each kind, to begin with.
        package static func examples() -> (handover: [UInt8], manifest: [UInt8], toolchain: [UInt8]) {
            (
                handover().flatMap { $0.encoded() } ?? [], ManifestFormat.encode(manifest()),
                ToolchainRecord.encode(toolchain) ?? []
            )
        }

        private static let words = ["-O1", "-Iinclude", "-c", "a.c", "-o", "a.o"].map { Array($0.utf8) }
        private static let digest = Digest.of([1])

        private static let file = Toolchain.File(
            path: Array(command.compiler.bytes),
            identity: FileIdentity(device: 1, inode: 2, size: 3, modified: 4, changed: 5),
            digest: digest
        )

        private static let toolchain = Toolchain(
            family: .gcc,
            isWrapper: false,
            files: [file],
            absentFiles: [(Array("/etc".utf8), command.name)],
            findsAssembler: false,
            digest: ToolchainProbe.digest(of: [file])
        )

        private static func manifest() -> Manifest {
            var manifest = Manifest()
            for number in 0..<3 {
                var recording = Manifest.Recording(result: EntryKey(digest: Digest.of([UInt8(number)])))
                for word in words {
                    recording.files.append((.init(mark: 3, text: word), .content, 3, digest, file.identity))
                }
                recording.directories = [(.init(mark: 0, text: [47]), words, number == 0 ? nil : file.identity)]
                recording.conditions = [.init(kind: .place, value: digest)]
                manifest.add(recording)
            }
            return manifest
        }

        private static func handover() -> Handover? {
            publication().map { publication in
                Handover(
                    publication,
                    size: 8,
                    modified: 9,
                    checksum: Checksum(low: 10, high: 11),
                    arguments: words,
                    bases: words,
                    maximumSize: nil,
                    namespace: words.first ?? [],
                    namespaceSizes: NamespaceSizes(),
                    remote: RemoteAccess(addresses: words.first ?? [], trusted: words.last ?? [], key: []),
                    note: .init(
                        reason: "new_command",
                        session: "s",
                        label: "a.c",
                        program: "gcc",
                        time: 12,
                        process: 13,
                        elapsedMicroseconds: 14,
                        checked: EntryKey(digest: digest)
                    )
                )
            }
        }

        private static func publication() -> Publication? {
            guard let request = try? CommandLineReader.read(words, family: .gcc, name: command.name) else { return nil }
            return Publication(
                request: request,
                context: CompileContext(
                    roots: .init(of: request, in: command.directory),
                    dependencies: request.dependencies,
                    command: command,
                    environment: CompileEnvironment(
                        keyed: [Array("CPATH=x:y".utf8)],
                        presentation: [],
                        epoch: nil,
                        logicalDirectory: Array(command.directory.bytes)
                    )
                ),
                toolchain: toolchain,
                searchPath: SearchPath(system: [Array("/usr/include".utf8)], missing: [Array("/opt".utf8)]),
                started: 6,
                source: file,
                namesBefore: NamesBefore([Array(".".utf8): [1, 2, 3]], searched: [100]),
                manifest: EntryKey(digest: digest),
                streams: CapturedStreams(error: Array("warning".utf8)),
                dependencyFile: nil,
                filesRead: FileList(files: words, extent: .all),
                assemblerReadMore: false,
                duration: 7,
                compresses: true,
                choices: Recorder.Choices()
            )
        }
    }
}
