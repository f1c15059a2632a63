internal import Files
internal import LarderStore
internal import Wire

/// The message with which the launcher hands a publication over: the launcher encodes it, and the daemon decodes it.
///
///     job  ::= version:u8 command environment answers toolchain searchPath compile object journal
///
/// in the forms of ``ByteWriter``. With it come two descriptors: the object, and the working directory, in which every
/// relative path is meant. Both sides are of one version, or else the daemon takes nothing (see ``Greeting``).
///
/// Version history: 1, the first. 2, the front. 3, any number of base directories, and what the settings say of recording.
/// 4, the remote caches. 5, and who is trusted there. 6, when and where the compile ended, its compiler, and whether it checks a
/// result that is there. 7, the namespace and how large those may become. 8, what clang probed for its search path.
/// 9, what the directories of the search were before the compile. 10, without what a wrapper said it would run.
struct Handover {
    static let version: UInt8 = 10

    var publication: Publication
    /// What the object was when the compiler had ended.
    var size: Int
    var modified: Int64
    var checksum: Checksum
    /// The command line as it was read: response files may be gone soon.
    var arguments: [Word]
    var bases: [Word]
    /// What the launcher's settings say about the store.
    var maximumSize: Int64?
    var namespace: [UInt8]
    var namespaceSizes: NamespaceSizes
    /// The remote caches that are to have the result, too.
    var remote: RemoteAccess
    var note: Note

    /// What is to be written into the journal.
    struct Note {
        /// Why there was no hit.
        var reason: String
        var session: String?
        var label: String
        /// The compiler's name without its directory.
        var program: String
        /// When the compile had ended, in milliseconds since 1970.
        var time: Int64
        /// The launcher, and how long it had been at work.
        var process: Int32
        var elapsedMicroseconds: Int64
        /// The result that is there and was made again to be compared; nil for one that was not there.
        var checked: EntryKey?
    }

    /// Nil where it cannot be told to another process.
    func encoded() -> [UInt8]? {
        let context = publication.context
        guard let toolchain = ToolchainRecord.encode(publication.toolchain), let filesRead = publication.filesRead
        else {
            return nil
        }
        var writer = ByteWriter()
        writer.add(Self.version)
        // The command.
        writer.add(publication.request.family.rawValue)
        writer.add(publication.request.front?.rawValue ?? 0)
        writer.add(context.command.name)
        writer.add(Word(context.command.compiler.bytes))
        writer.add(arguments)
        writer.add(Word(context.command.directory.bytes))
        writer.add(bases)
        // The environment, and what only the launcher can see.
        writer.add(context.environment.keyed)
        writer.add(context.environment.presentation)
        writer.add(context.environment.epoch)
        writer.add(context.environment.logicalDirectory)
        let hasStreams = !publication.streams.output.isEmpty || !publication.streams.error.isEmpty
        writer.add(hasStreams ? context.value(of: .terminal)?.bytes ?? [] : [])
        writer.add(publication.toolchain.findsAssembler ? context.value(of: .program)?.bytes ?? [] : [])
        // What is known of the compiler.
        writer.add(toolchain)
        writer.add(publication.searchPath.map { SearchPath.encode($0) })
        addCompile(filesRead, to: &writer)
        // The object.
        writer.add(Int64(size))
        writer.add(modified)
        writer.add(checksum.low)
        writer.add(checksum.high)
        writer.add(maximumSize ?? -1)
        writer.add(namespace)
        writer.add(namespaceSizes.description)
        remote.add(to: &writer)
        note.add(to: &writer)
        return writer.bytes
    }

    private func addCompile(_ filesRead: FileList, to writer: inout ByteWriter) {
        writer.add(publication.started)
        writer.add(publication.source != nil)
        if let source = publication.source {
            writer.add(source.identity)
            writer.add(source.digest.bytes)
        }
        writer.add(Array(publication.namesBefore.directories.keys))
        for hashes in publication.namesBefore.directories.values { writer.add(hashes.flatMap(Self.bytes)) }
        writer.add(publication.namesBefore.searched)
        writer.add(publication.manifest.digest.bytes)
        writer.add(publication.streams.output)
        writer.add(publication.streams.error)
        writer.add(publication.dependencyFile)
        writer.add(filesRead.files)
        writer.add(filesRead.extent.rawValue)
        writer.add(filesRead.inputs)
        writer.add(publication.assemblerReadMore)
        writer.add(publication.duration)
        writer.add(publication.compresses)
        writer.add(publication.choices.ignoresTimes)
        writer.add(publication.choices.isPrefixed)
        writer.add(publication.choices.marksDiagnostics)
    }

    init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version, let family = Family(rawValue: try reader.byte()) else {
            throw ByteReader.Malformed()
        }
        let front = Front(rawValue: try reader.byte())
        let (name, compiler) = (try reader.text(), Path(bytes: try reader.text()))
        arguments = try reader.list()
        let directory = Path(bytes: try reader.text())
        bases = try reader.list()
        guard let request = try? CommandLineReader.read(arguments, family: family, front: front, name: name) else {
            throw ByteReader.Malformed()
        }
        let context = try Self.context(
            of: request,
            CompileCommand(name: name, compiler: compiler, arguments: arguments, directory: directory),
            bases,
            &reader
        )
        guard let toolchain = ToolchainRecord.decode(try reader.text()) else { throw ByteReader.Malformed() }
        var searchPath: SearchPath?
        if let known = try reader.optionalText() {
            searchPath = SearchPath.decode(known)
            searchPath?.isWhole = front != nil
        }
        publication = try Self.publication(of: request, in: context, by: toolchain, searchPath, &reader)
        guard let size = Int(exactly: try reader.integer()), size >= 0 else { throw ByteReader.Malformed() }
        self.size = size
        modified = try reader.integer()
        checksum = Checksum(low: try reader.unsigned(), high: try reader.unsigned())
        let maximum = try reader.integer()
        maximumSize = maximum < 0 ? nil : maximum
        namespace = try reader.text()
        namespaceSizes = NamespaceSizes(parsing: try reader.text()[...]) ?? NamespaceSizes()
        remote = try RemoteAccess(&reader)
        note = try Note(&reader)
        try reader.end()
    }

    private static func context(
        of request: CompileRequest,
        _ command: CompileCommand,
        _ bases: [Word],
        _ reader: inout ByteReader
    ) throws(ByteReader.Malformed) -> CompileContext {
        let environment = CompileEnvironment(
            keyed: try reader.list(),
            presentation: try reader.list(),
            epoch: try reader.optionalText(),
            logicalDirectory: try reader.text()
        )
        let roots = RequestKey.roots(
            of: request,
            command: command,
            logicalDirectory: environment.logicalDirectory,
            bases: bases
        )
        var context = CompileContext(
            roots: roots,
            dependencies: request.dependencies,
            command: command,
            environment: environment
        )
        context.terminalBefore = try reader.text()
        context.assemblerBefore = try reader.text()
        return context
    }

    private static func publication(
        of request: CompileRequest,
        in context: CompileContext,
        by toolchain: Toolchain,
        _ searchPath: SearchPath?,
        _ reader: inout ByteReader
    ) throws(ByteReader.Malformed) -> Publication {
        let started = try reader.integer()
        var source: Toolchain.File?
        if try reader.flag() {
            source = .init(path: request.source, identity: try reader.identity(), digest: try reader.digest())
        }
        var directories: [Word: [UInt32]] = [:]
        for path in try reader.list() { directories[path] = try Self.numbers(reader.text()) }
        return Publication(
            request: request,
            context: context,
            toolchain: toolchain,
            searchPath: searchPath,
            started: started,
            source: source,
            namesBefore: NamesBefore(directories, searched: try reader.text()),
            manifest: EntryKey(digest: try reader.digest()),
            streams: CapturedStreams(output: try reader.text(), error: try reader.text()),
            dependencyFile: try reader.optionalText(),
            filesRead: try reader.fileList(),
            assemblerReadMore: try reader.flag(),
            duration: try reader.integer(),
            compresses: try reader.flag(),
            choices: Recorder.Choices(
                ignoresTimes: try reader.flag(),
                isPrefixed: try reader.flag(),
                marksDiagnostics: try reader.flag()
            )
        )
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }

    private static func numbers(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, through: bytes.count - 4, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    init(
        _ publication: Publication,
        size: Int,
        modified: Int64,
        checksum: Checksum,
        arguments: [Word],
        bases: [Word],
        maximumSize: Int64?,
        namespace: [UInt8],
        namespaceSizes: NamespaceSizes,
        remote: RemoteAccess,
        note: Note
    ) {
        (self.publication, self.size, self.modified, self.checksum) = (publication, size, modified, checksum)
        (self.arguments, self.bases, self.maximumSize) = (arguments, bases, maximumSize)
        (self.namespace, self.namespaceSizes) = (namespace, namespaceSizes)
        (self.remote, self.note) = (remote, note)
    }
}

extension ByteWriter {
    fileprivate mutating func add(_ identity: FileIdentity) {
        add(identity.device)
        add(identity.inode)
        for number in [identity.size, identity.modified, identity.changed] { add(number) }
    }
}

extension ByteReader {
    fileprivate mutating func identity() throws(Malformed) -> FileIdentity {
        FileIdentity(
            device: try unsigned(),
            inode: try unsigned(),
            size: try integer(),
            modified: try integer(),
            changed: try integer()
        )
    }

    fileprivate mutating func fileList() throws(Malformed) -> FileList {
        let files = try list()
        guard let extent = FileList.Extent(rawValue: try byte()) else { throw Malformed() }
        return FileList(files: files, extent: extent, inputs: try list())
    }

    fileprivate mutating func digest() throws(Malformed) -> Digest {
        guard let digest = Digest(bytes: try text()) else { throw Malformed() }
        return digest
    }
}

// MARK: - The journal

extension Handover.Note {
    fileprivate init(_ reader: inout ByteReader) throws(ByteReader.Malformed) {
        self.init(
            reason: try reader.string(),
            session: try reader.optionalText().map { String(decoding: $0, as: UTF8.self) },
            label: try reader.string(),
            program: try reader.string(),
            time: try reader.integer(),
            process: Int32(truncatingIfNeeded: try reader.integer()),
            elapsedMicroseconds: try reader.integer(),
            checked: try reader.optionalText().flatMap { Digest(bytes: $0) }.map { EntryKey(digest: $0) }
        )
    }

    fileprivate func add(to writer: inout ByteWriter) {
        writer.add(reason)
        writer.add(session.map { Array($0.utf8) })
        writer.add(label)
        writer.add(program)
        writer.add(time)
        writer.add(Int64(process))
        writer.add(elapsedMicroseconds)
        writer.add(checked?.digest.bytes)
    }
}
