internal import Files

extension RustcCommand {
    /// Everything that the command makes, by the names that rustc gives; a program or library first.
    var outputs: [DriverRequest.Output] {
        var outputs: [DriverRequest.Output] = []
        func add(_ emission: Emission, _ name: Word, _ given: Word?) {
            let path = output ?? given ?? (outputDirectory.map { $0 + [UInt8(ascii: "/")] } ?? []) + name
            let content: DriverRequest.Output.Content = emission == .dependencies ? .text : .clear
            // Sessions keep links to what was made of them.
            outputs.append(.init(path: path, content: content, mayHaveOtherNames: incremental != nil))
        }
        for (emission, given) in emissions where emission == .link {
            for kind in kinds { add(emission, name(of: kind), given) }
        }
        for (emission, given) in emissions where emission == .metadata { add(emission, metadataName, given) }
        for (emission, given) in emissions {
            if let suffix = Self.suffix(of: emission) { add(emission, stem + extraFilename + suffix, given) }
        }
        for (emission, given) in emissions where emission == .dependencies { add(emission, dependencyName, given) }
        return outputs
    }

    /// What ends the name of a listing, or of code that is not linked; nil for anything else.
    static func suffix(of emission: Emission) -> Word? {
        switch emission {
        case .assembly: Word(".s")
        case .intermediate: Word(".ll")
        case .bitcode: Word(".bc")
        case .object: Word(".o")
        case .mir: Word(".mir")
        case .dependencies, .metadata, .link: nil
        }
    }

    /// True for a listing, which may write a path in a way of its own: another checkout's would not be found there.
    var hasListings: Bool { emissions.contains { Self.suffix(of: $0.emission) != nil && $0.emission != .object } }

    /// The dependency file that the user asked for.
    var dependencyFile: Word? {
        emissions.contains { $0.emission == .dependencies } ? outputs.last?.path : nil
    }

    /// The name that statistics show.
    var label: Word { crateName ?? Word(source.lastComponent) }

    private func name(of kind: Kind) -> Word {
        switch kind {
        case .library: Word("lib") + nameOfCrate + extraFilename + Word(".rlib")
        case .staticLibrary: Word("lib") + nameOfCrate + extraFilename + Word(".a")
        case .dynamicLibrary: Word("lib") + nameOfCrate + extraFilename + Word(".so")
        case .program: stem + extraFilename
        }
    }

    private var metadataName: Word { Word("lib") + nameOfCrate + extraFilename + Word(".rmeta") }

    private var dependencyName: Word { stem + extraFilename + Word(".d") }

    /// The crate's name as it is given, else the source's without its suffix.
    ///
    /// A name within the source would lead elsewhere: then what is expected here is not made, and nothing is kept.
    private var stem: Word {
        if let crateName { return crateName }
        let name = Word(source.lastComponent)
        return name.lastIndex(of: UInt8(ascii: ".")).map { Word(name[..<$0]) } ?? name
    }

    private var nameOfCrate: Word { stem.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 } }
}

extension RustcCommand {
    /// The directories that another checkout has elsewhere.
    ///
    /// They are cargo's target directory, and the working directory where that is around it. For a crate of a registry the
    /// working directory is the same for all.
    func roots(in directory: Path) -> CheckoutRoots {
        if hasCompressedPaths { return .none }
        let working = Word(directory.bytes)
        var paths: [Word] = []
        if let target = outputDirectory.flatMap(targetDirectory) {
            paths.append(target)
            if target.starts(with: working + [UInt8(ascii: "/")]) { paths.append(working) }
        } else {
            paths.append(working)
        }
        // Dependency files and messages write other letters in ways of their own.
        guard paths.allSatisfy({ $0.allSatisfy(CheckoutRoots.isPlain) }) else { return .none }
        for map in maps {
            // What a map leaves of a root's name nobody could find; and what it puts there may be measured.
            if paths.contains(where: { $0.starts(with: map.old) && $0 != map.old }) { return .none }
            if paths.contains(where: { map.new.firstIndex(of: $0) != nil }) { return .none }
        }
        return CheckoutRoots(at: paths)
    }

    /// What is around `debug/deps`, `x86_64-unknown-linux-gnu/release/build/name` and the like, whatever it is called.
    private func targetDirectory(_ output: Word) -> Word? {
        guard output.first == UInt8(ascii: "/") else { return nil }
        let names = output.split(separator: UInt8(ascii: "/"))
        if let place = names.lastIndex(where: { $0.elementsEqual("target".utf8) }) {
            return names[...place].reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 }
        }
        var rest = names[...]
        let count = rest.count
        if let last = rest.last, last.elementsEqual("deps".utf8) || last.elementsEqual("examples".utf8) {
            rest = rest.dropLast()
        } else if rest.count > 2, rest[rest.endIndex - 2].elementsEqual("build".utf8) {
            rest = rest.dropLast(2)
        }
        if rest.count < count {
            // The profile, and the triple where one is asked for.
            rest = rest.dropLast()
            if let triple = rest.last, target?.elementsEqual(triple) == true { rest = rest.dropLast() }
        }
        return rest.isEmpty ? nil : rest.reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 }
    }
}
