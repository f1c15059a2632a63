extension Recorder {
    /// Why a result is not kept.
    ///
    /// The raw value reaches the journal: it never changes its meaning.
    enum Refusal: String, Error {
        case dependenciesUnknown = "dependencies_unknown"
        case inputUnreadable = "input_unreadable"
        /// A FIFO, a device, a directory: it may be gone once it is read.
        case specialInput = "special_input"
        case inputTooYoung = "input_too_young"
        case toolchainChanged = "toolchain_changed"
        case searchPathUnknown = "search_path_unknown"
        case timeMacro = "time_macro"
        case timestampMacro = "timestamp_macro"
        case assemblerInput = "assembler_input"
        case embed = "embed"
        case computedHasInclude = "computed_has_include"
        case precompiledHeader = "precompiled_header"
        case precompiledHeaderDirectory = "precompiled_header_directory"
        case outputChanged = "output_changed"
        case outputMissing = "output_missing"
        case outputNotWritten = "output_not_written"
        /// Files are stamped with times that are still to come.
        case clockBehind = "clock_behind"
        case streamsCut = "streams_cut"
        case obscureSource = "obscure_source"
        case cacheFilled = "emscripten_cache_filled"
        case unknownTool = "unknown_tool"
        case twinHeaders = "twin_headers"
        case lineDirective = "line_directive"
        case storeRefused = "store_refused"
        case compileFailed = "compile_failed"
        case linkerScript = "linker_script"
        case thinArchive = "thin_archive"
        case sharedLibrary = "shared_library"
        case unknownToolchain = "unknown_toolchain"
        case macroReadsFiles = "macro_reads_files"
        case opaqueCrate = "opaque_crate"
        case nativeLibrary = "native_library"
        case linkerUnknown = "linker_unknown"
        case incrementalState = "incremental_state"
        case lintReadsFiles = "lint_reads_files"
        case sideOutput = "side_output"
        /// Some of the outputs are of an earlier run.
        case incremental
        /// A compiled C module may be older than its headers.
        case moduleCache = "module_cache"
        case indexStore = "index_store"

        /// True where the words and the texts leave open what was read, so that the trace of the compile may tell.
        var isSeen: Bool {
            switch self {
            case .searchPathUnknown, .timeMacro, .timestampMacro, .assemblerInput, .embed, .computedHasInclude,
                .dependenciesUnknown, .precompiledHeader, .precompiledHeaderDirectory, .obscureSource, .twinHeaders,
                .lineDirective:
                true
            default: false
            }
        }
    }
}
