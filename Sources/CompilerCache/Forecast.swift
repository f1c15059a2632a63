package import Files
package import LarderStore

/// What would become of a command, without a compile.
package enum Forecast {
    /// The result would come from the cache.
    case hit
    /// It would be looked for and not found, or not be looked for.
    case miss(MissRecord)
    /// Nobody can tell before it has been seen what it reads: ``CommandCache`` says more.
    case seen(SeenCompile)
    /// There is no such compiler.
    case noCompiler
}

extension CompilerCache {
    /// Says what ``run(name:arguments:ourself:isStandIn:tracer:)`` would do, and does nothing; asks the compiler about itself
    /// where nothing is known of it.
    package static func forecast(
        name: [UInt8],
        arguments: [[UInt8]],
        ourself: FileIdentity?,
        in directory: Path,
        _ settings: Settings
    ) -> Forecast {
        guard case .found(let compiler, let isShadowed) = ProgramSearch.findCompiler(name, ourself: ourself) else {
            return .noCompiler
        }
        let name = isShadowed ? Array(compiler.bytes) : name
        let command = CompileCommand(name: name, compiler: compiler, arguments: arguments, directory: directory)
        return CompilerCache(command, settings, { _, _ in nil }).forecast()
    }

    private func forecast() -> Forecast {
        var isDriver = true
        do throws(Bypass) {
            if settings.isDisabled { throw .disabled }
            var forecast: Forecast?
            try DriverChoice.choose(for: command, settings) { driver in
                forecast = DriverCompilation(driver: driver, settings: settings).forecast().map { .miss($0) } ?? .hit
            }
            if let forecast { return forecast }
            isDriver = false
            let front = Front(named: Word(command.name.lastComponent))
            let environment = try CompileEnvironment(front: front, in: command.directory)
            let (arguments, request) = try request(front, environment)
            let compilation = try compilation(of: request, arguments, environment, OutputSink(isHeld: false))
            guard let miss = compilation.forecast() else { return .hit }
            if compilation.isWrapper { throw .wrapper }
            return .miss(miss)
        } catch {
            let (compile, cause) = compileToSee(error, isDriver: isDriver)
            if let compile { return .seen(compile) }
            let word = isDriver ? [] : CommandLineReader.word(thatMeans: cause, in: command)
            return .miss(.bypass(cause, about: word, command, source: command.name))
        }
    }
}
