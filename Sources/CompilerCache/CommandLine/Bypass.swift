/// Why a command line is run as it is given, without the cache.
///
/// Each cause is counted under its raw value, which reaches the journal and `larder stats`: a name here is never
/// given another meaning. `compiler_not_found`, `internal_error`, `linker_option`, `link_time_code` and `unknown_linker`
/// are in older journals.
package enum Bypass: String, Error, Sendable {
    case disabled
    case notACompiler = "not_a_compiler"
    case unrecognisedCompiler = "unrecognised_compiler"
    /// A script or a program in front of a compiler.
    case wrapper
    case noCompileStep = "no_compile_step"
    case linking
    /// An archive is made.
    case archive
    case archiveOption = "archive_option"
    /// What is added to an archive depends on what is in it.
    case archiveExists = "archive_exists"
    case indexStore = "index_store"
    case moduleOutput = "module_output"
    case preprocessing
    case assemblyOutput = "assembly_output"
    case dependenciesOnly = "dependencies_only"
    case syntaxOnly = "syntax_only"
    /// A checker looks at sources.
    case check
    case information
    case verbose
    case standardInput = "standard_input"
    case noSource = "no_source"
    case severalSources = "several_sources"
    /// Of several sources, where it cannot be told of which one the driver speaks.
    case driverMessage = "driver_message"
    case otherInputs = "other_inputs"
    case severalArchitectures = "several_architectures"
    case unsupportedLanguage = "unsupported_language"
    case assemblerSource = "assembler_source"
    /// A FIFO or a device in the place of a source, or of another input: what can be read only once is the compiler's.
    case specialInput = "special_input"
    case responseFile = "response_file"
    case precompiledHeaderOutput = "precompiled_header_output"
    case modules
    case profile
    case sideOutput = "side_output"
    case temporaries = "save_temps"
    case timing
    case plugin
    case toolchainOption = "toolchain_option"
    case assemblerOption = "assembler_option"
    case preprocessorOption = "preprocessor_option"
    case frontendOption = "frontend_option"
    case headerSearch = "header_search_option"
    case recordsCommandLine = "records_command_line"
    case dependencyOption = "dependency_option"
    case nativeProcessor = "native_processor"
    case environment
    case unknownOption = "unknown_option"
    case specialOutput = "special_output"
    case badSettings = "bad_settings"
    case noDirectory = "no_directory"
    case outputBusy = "output_busy"
    case closedStream = "closed_stream"
    /// What the compiler left, or said, shows or follows from what we added: it runs again as it was given.
    case runAgain = "run_again"

    /// True where the words leave open what the compile reads or makes, so that its trace may tell.
    var isSeen: Bool {
        switch self {
        case .wrapper, .assemblyOutput, .preprocessing, .dependenciesOnly, .syntaxOnly, .check, .severalSources,
            .otherInputs,
            .severalArchitectures, .unsupportedLanguage, .assemblerSource, .precompiledHeaderOutput, .modules, .profile,
            .sideOutput, .temporaries, .plugin, .toolchainOption, .assemblerOption, .preprocessorOption,
            .frontendOption,
            .headerSearch, .recordsCommandLine, .dependencyOption, .unknownOption:
            true
        default: false
        }
    }

    /// The same for a command that links.
    var isSeenOfLinks: Bool {
        switch self {
        case .linking, .archive, .responseFile: true
        default: isSeen
        }
    }
}
