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
        let module = command.moduleName
        if command.saysDependencies, given == nil { throw .dependencyOption }
        var map = given ?? SwiftOutputMap()
        var isChanged = false
        func scratch(_ name: String) -> Word {
            isChanged = true
            return Self.scratch + Word(name.utf8)
        }

        // Objects.
        if command.isCompile {
            let isOne = command.isWhole && !command.hasThreads
            for source in isOne ? [[]] : command.sources {
                var path = map.path("object", of: source)
                if path == nil {
                    guard given == nil else { throw .moduleOutput }
                    path = try Self.object(of: source, command)
                    map.set(path ?? [], "object", of: source)
                    isChanged = true
                }
                if let path { files.append(.init(path: path)) }
            }
        } else if command.output != nil, command.modulePath != nil {
            throw .moduleOutput
        }

        // What was read.
        for source in command.isWhole ? [[]] : command.sources {
            if command.saysDependencies {
                guard let path = map.path("dependencies", of: source) else { throw .dependencyOption }
                dependencyFiles.append(path)
                files.append(.init(path: path, content: .text))
            } else {
                let path = scratch("\(dependencyFiles.count).d")
                map.set(path, "dependencies", of: source)
                dependencyFiles.append(path)
            }
        }

        // The module.
        if command.makesModule {
            guard let module, let path = Self.module(module, command), path.hasSuffix(".swiftmodule") else {
                throw .moduleOutput
            }
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
            if command.saysDependencies {
                if !command.isWhole {
                    guard let path = Self.ofModule("emit-module-dependencies", ".emit-module.d", map, module) else {
                        throw .dependencyOption
                    }
                    dependencyFiles.append(path)
                    files.append(.init(path: path, content: .text))
                }
            } else {
                let path = scratch("module.d")
                map.set(path, "emit-module-dependencies", of: [])
                // A whole module is compiled and emitted from the same files, be that in one job or in two.
                if !command.isWhole { dependencyFiles.append(path) }
            }
            if let path = Self.ofModule("emit-module-diagnostics", ".emit-module.dia", map, module) {
                files.append(.init(path: path, isOptional: true))
            }
        }
        if command.makesHeader {
            guard command.makesModule, let path = command.headerPath else { throw .moduleOutput }
            files.append(.init(path: path))
        }

        // Diagnostics, and what belongs to an incremental run.
        for source in [[]] + command.sources {
            if command.makesDiagnostics, let path = map.path("diagnostics", of: source) {
                files.append(.init(path: path, isOptional: true))
            }
            if let path = map.path("const-values", of: source) { files.append(.init(path: path, isOptional: true)) }
            if let path = map.path("swift-dependencies", of: source) { buildRecords.append(path) }
        }
        if let path = map.path("swift-dependencies", of: []), path.hasSuffix(".swiftdeps") {
            buildRecords.append(Word(path.dropLast(10)) + Word(".priors"))
        }
        // The diagnostics of a whole module are called after the module, or its first source, beside its dependencies.
        if command.isWhole, command.makesDiagnostics, let module, let path = map.path("dependencies", of: []) {
            let directory = Path(bytes: path).parent
            let names = [module, command.sources.first.map { Word(Word($0.lastComponent).dropLast(6)) } ?? []]
            for name in names {
                let file = Word(directory.appending(bytes: name + Word(".dia")).bytes)
                if !files.contains(where: { $0.path == file }) { files.append(.init(path: file, isOptional: true)) }
            }
        }
        // Modules and diagnostics are bit streams in which every path is a blob, and those begin at whole bytes.
        for index in files.indices where !files[index].path.hasSuffix(".o") && files[index].content == .unknown {
            files[index].content = .clear
        }
        guard !files.isEmpty, Set(files.map(\.path)).count == files.count else { throw .moduleOutput }
        self.map = isChanged ? map : nil
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
