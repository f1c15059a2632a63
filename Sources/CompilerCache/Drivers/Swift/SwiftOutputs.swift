internal import Files

/// Every file that a compile of a Swift module makes, and where it says what it has read.
struct SwiftOutputs: Sendable {
    var files: [DriverRequest.Output] = []
    /// The rules for make in which a full run names everything that it has read: each of them new after it.
    private(set) var dependencyFiles: [Word] = []
    /// What an incremental run would believe of an earlier one.
    private(set) var buildRecords: [Word] = []
    /// The map that the compiler is given in place of the user's; nil where that one says enough.
    private(set) var map: SwiftOutputMap?

    /// A name in the map that stands for the private directory, which is known later.
    static let scratch = Word("/larder-scratch/")

    init(of command: SwiftInvocation, map given: SwiftOutputMap?) throws(Bypass) {
        if command.saysDependencies, given == nil { throw .dependencyOption }
        var map = given ?? SwiftOutputMap()
        try addObjects(command, &map, isMapGiven: given != nil)
        try addDependencies(command, &map)
        if command.makesModule { try addModule(command, &map) }
        if command.makesHeader {
            guard command.makesModule, let path = command.headerPath else { throw .moduleOutput }
            files.append(.init(path: path))
        }
        addDiagnostics(command, map)
        addBuildRecords(command, map)
        // Modules and diagnostics are bit streams in which every path is a blob, and those begin at whole bytes.
        for index in files.indices where !files[index].path.hasSuffix(".o") && files[index].content == .unknown {
            files[index].content = .clear
        }
        guard !files.isEmpty, Set(files.map(\.path)).count == files.count else { throw .moduleOutput }
        if map.files != (given ?? SwiftOutputMap()).files { self.map = map }
    }

    private mutating func addObjects(
        _ command: SwiftInvocation,
        _ map: inout SwiftOutputMap,
        isMapGiven: Bool
    ) throws(Bypass) {
        guard command.isCompile else {
            if command.output != nil, command.modulePath != nil { throw .moduleOutput }
            return
        }
        let isOne = command.isWhole && !command.hasThreads
        for source in isOne ? [[]] : command.sources {
            if let path = map.path("object", of: source) {
                files.append(.init(path: path))
                continue
            }
            guard !isMapGiven else { throw .moduleOutput }
            let path = try Self.object(of: source, command)
            map.set(path, "object", of: source)
            files.append(.init(path: path))
        }
    }

    /// The rules for make: the user's own, or some in the private directory.
    private mutating func addDependencies(_ command: SwiftInvocation, _ map: inout SwiftOutputMap) throws(Bypass) {
        for source in command.isWhole ? [[]] : command.sources {
            if command.saysDependencies {
                guard let path = map.path("dependencies", of: source) else { throw .dependencyOption }
                dependencyFiles.append(path)
                files.append(.init(path: path, content: .text))
            } else {
                let path = Self.scratch + Word("\(dependencyFiles.count).d".utf8)
                map.set(path, "dependencies", of: source)
                dependencyFiles.append(path)
            }
        }
    }

    private mutating func addModule(_ command: SwiftInvocation, _ map: inout SwiftOutputMap) throws(Bypass) {
        guard let module = command.moduleName, let path = Self.module(module, command), path.hasSuffix(".swiftmodule")
        else { throw .moduleOutput }
        let stem = Word(path.dropLast(12))
        files.append(.init(path: path))
        files.append(.init(path: stem + Word(".swiftdoc")))
        if command.makesSourceInfo {
            files.append(.init(path: command.sourceInfoPath ?? stem + Word(".swiftsourceinfo")))
        }
        files.append(.init(path: stem + Word(".abi.json"), isOptional: true))
        // The module in an object, for debuggers: swiftc makes it for links that never come.
        if command.isCompile, command.hasDebugInformation {
            files.append(.init(path: stem + Word(".o"), isOptional: true))
        }
        if !command.saysDependencies {
            let path = Self.scratch + Word("module.d")
            map.set(path, "emit-module-dependencies", of: [])
            // A whole module is compiled and emitted from the same files, be that in one job or in two.
            if !command.isWhole { dependencyFiles.append(path) }
        } else if !command.isWhole {
            guard let path = Self.ofModule("emit-module-dependencies", ".emit-module.d", map, module) else {
                throw .dependencyOption
            }
            dependencyFiles.append(path)
            files.append(.init(path: path, content: .text))
        }
        if let path = Self.ofModule("emit-module-diagnostics", ".emit-module.dia", map, module) {
            files.append(.init(path: path, isOptional: true))
        } else if command.makesDiagnostics, command.isCompile || !command.isWhole {
            files.append(.init(path: Self.beside(command.output, module + Word(".emit-module.dia")), isOptional: true))
        }
    }

    private mutating func addDiagnostics(_ command: SwiftInvocation, _ map: SwiftOutputMap) {
        var paths: [Word] = []
        for source in [[]] + command.sources {
            if let path = map.path("const-values", of: source) { paths.append(path) }
            guard command.makesDiagnostics else { continue }
            if let path = map.path("diagnostics", of: source) {
                paths.append(path)
            } else if !command.isWhole, let object = map.path("object", of: source) {
                let name = Path(bytes: object).name
                let stem = name.lastIndex(of: UInt8(ascii: ".")).map { name[..<$0] } ?? name
                paths.append(Self.beside(object, Word(stem) + Word(".dia")))
            }
        }
        // The diagnostics of a whole module are called after the module, or its first source: beside its dependencies where a
        // map of the user's names those, or beside the output.
        if command.isWhole, command.makesDiagnostics, let module = command.moduleName {
            paths.append(Self.beside(command.output, module + Word(".dia")))
            if let path = map.path("dependencies", of: []), !path.starts(with: Self.scratch) {
                let source = command.sources.first.map { Word(Word($0.lastComponent).dropLast(6)) } ?? []
                paths += [module, source].map { Self.beside(path, $0 + Word(".dia")) }
            }
        }
        for path in paths where !files.contains(where: { $0.path == path }) {
            files.append(.init(path: path, isOptional: true))
        }
    }

    /// A file of this name in the directory of another one.
    private static func beside(_ path: Word?, _ name: Word) -> Word {
        guard let path, path.contains(UInt8(ascii: "/")) else { return name }
        return Word(Path(bytes: path).parent.appending(bytes: name).bytes)
    }

    private mutating func addBuildRecords(_ command: SwiftInvocation, _ map: SwiftOutputMap) {
        buildRecords = ([[]] + command.sources).compactMap { map.path("swift-dependencies", of: $0) }
        if let path = map.path("swift-dependencies", of: []), path.hasSuffix(".swiftdeps") {
            buildRecords.append(Word(path.dropLast(10)) + Word(".priors"))
        }
    }

    /// Where the module goes; nil where that is not known.
    private static func module(_ name: Word, _ command: SwiftInvocation) -> Word? {
        if let path = command.modulePath { return path }
        // Beside objects it has a name of its own rules.
        return command.isCompile ? nil : command.output ?? name + Word(".swiftmodule")
    }

    /// Where the object goes that no map speaks of.
    private static func object(of source: Word, _ command: SwiftInvocation) throws(Bypass) -> Word {
        if let output = command.output {
            guard source.isEmpty || command.sources.count == 1 else { throw .moduleOutput }
            return output
        }
        if source.isEmpty {
            guard let module = command.moduleName else { throw .moduleOutput }
            return module + Word(".o")
        }
        return Word(Word(source.lastComponent).dropLast(6)) + Word(".o")
    }

    /// A file of the whole module, beside the record of its dependencies where the map does not name it.
    private static func ofModule(_ kind: String, _ suffix: StaticString, _ map: SwiftOutputMap, _ module: Word) -> Word?
    {
        if let path = map.path(kind, of: []) { return path }
        guard let record = map.path("swift-dependencies", of: []) else { return nil }
        return Word(Path(bytes: record).parent.appending(bytes: module + Word(suffix)).bytes)
    }
}
