/// An option of swiftc and what it means to a cache.
struct SwiftOption: Sendable {
    enum Meaning: Sendable {
        /// Part of the key, in its place; nothing else.
        case keyed
        /// Part of the key; the value may name a place of the checkout.
        case path
        /// A directory in which modules, and the headers of C modules, are searched.
        case search
        /// A file that is read.
        case input
        /// A program or library with macros: `path#Module`.
        case plugin
        /// Directories with macros, which are searched by name.
        case pluginDirectory
        /// Where a prefix of the paths in what is made is replaced.
        case prefixMap
        /// Objects are made.
        case compile
        case emitModule
        case modulePath
        case sourceInfoPath
        case noSourceInfo
        case header
        case headerPath
        case output
        case outputMap
        case emitDependencies
        case serializeDiagnostics
        case wholeModule
        case batch
        case threads
        case moduleName
        case moduleCache
        case messages
        case indexStore
        case debug
        /// An option for clang, which reads the headers: `-Xcc`.
        case clang
        /// An option for the inner program: `-Xfrontend`.
        case frontend
        case processor
        case bypass(Bypass)
    }

    let name: StaticString
    let form: OptionRule.Form
    let meaning: Meaning

    init(_ name: StaticString, _ form: OptionRule.Form, _ meaning: Meaning) {
        (self.name, self.form, self.meaning) = (name, form, meaning)
    }

    func matches(_ word: Word) -> Bool {
        switch form {
        case .alone, .separate: word.equals(name)
        case .joined, .joinedOrSeparate: word.hasPrefix(name)
        }
    }
}

/// What the options of swiftc mean.
///
/// The first row that matches counts; what no row names makes a bypass. Read from the option tables of Swift 6.3 and from what SwiftPM passes.
enum SwiftOptions {
    static func rule(for word: Word) -> SwiftOption? { table.first { $0.matches(word) } }

    private static let table: [SwiftOption] = modes + files + language + code + others

    /// What is done, and what is written.
    private static let modes: [SwiftOption] = [
        SwiftOption("-c", .alone, .compile),
        SwiftOption("-emit-object", .alone, .compile),
        SwiftOption("-emit-module", .alone, .emitModule),
        SwiftOption("-emit-module-path", .separate, .modulePath),
        SwiftOption("-emit-module-source-info-path", .separate, .sourceInfoPath),
        SwiftOption("-emit-module-source-info", .alone, .keyed),
        SwiftOption("-avoid-emit-module-source-info", .alone, .noSourceInfo),
        SwiftOption("-emit-objc-header-path", .separate, .headerPath),
        SwiftOption("-emit-objc-header", .alone, .header),
        SwiftOption("-emit-dependencies", .alone, .emitDependencies),
        SwiftOption("-serialize-diagnostics", .alone, .serializeDiagnostics),
        SwiftOption("-output-file-map", .separate, .outputMap),
        SwiftOption("-output-file-map=", .joined, .outputMap),
        SwiftOption("-index-store-path", .separate, .indexStore),
        SwiftOption("-parseable-output", .alone, .messages),
        SwiftOption("-incremental", .alone, .keyed),
        SwiftOption("-enable-batch-mode", .alone, .batch),
        SwiftOption("-disable-batch-mode", .alone, .keyed),
        SwiftOption("-whole-module-optimization", .alone, .wholeModule),
        SwiftOption("-wmo", .alone, .wholeModule),
        SwiftOption("-no-emit-module-separately", .alone, .keyed),
        SwiftOption("-num-threads", .separate, .threads),
        SwiftOption("-j", .joined, .keyed),
        SwiftOption("-emit-executable", .alone, .bypass(.linking)),
        SwiftOption("-emit-library", .alone, .bypass(.linking)),
        SwiftOption("-modulewrap", .alone, .bypass(.noCompileStep)),
        SwiftOption("-emit-assembly", .alone, .bypass(.assemblyOutput)),
        SwiftOption("-S", .alone, .bypass(.assemblyOutput)),
        SwiftOption("-emit-", .joined, .bypass(.sideOutput)),
        SwiftOption("-save-temps", .alone, .bypass(.temporaries)),
        SwiftOption("-typecheck", .alone, .bypass(.syntaxOnly)),
        SwiftOption("-parse", .alone, .bypass(.syntaxOnly)),
        SwiftOption("-print-", .joined, .bypass(.information)),
        SwiftOption("-dump-", .joined, .bypass(.information)),
        SwiftOption("-help", .joined, .bypass(.information)),
        SwiftOption("--help", .joined, .bypass(.information)),
        SwiftOption("-h", .alone, .bypass(.information)),
        SwiftOption("-version", .alone, .bypass(.information)),
        SwiftOption("--version", .alone, .bypass(.information)),
        SwiftOption("-###", .alone, .bypass(.information)),
        SwiftOption("-v", .alone, .bypass(.verbose)),
        SwiftOption("-frontend", .alone, .bypass(.frontendOption)),
        SwiftOption("-index-ignore-system-modules", .alone, .keyed),
        SwiftOption("-stats-output-dir", .joined, .bypass(.timing)),
        SwiftOption("-trace-stats-events", .alone, .bypass(.timing)),
    ]

    /// What is read.
    private static let files: [SwiftOption] = [
        SwiftOption("-Fsystem", .separate, .search),
        SwiftOption("-Isystem", .separate, .search),
        SwiftOption("-I", .joinedOrSeparate, .search),
        SwiftOption("-F", .joinedOrSeparate, .search),
        SwiftOption("-sdk", .separate, .bypass(.toolchainOption)),
        SwiftOption("-resource-dir", .separate, .bypass(.toolchainOption)),
        SwiftOption("-tools-directory", .separate, .bypass(.toolchainOption)),
        SwiftOption("-working-directory", .joined, .bypass(.headerSearch)),
        SwiftOption("-vfsoverlay", .joined, .bypass(.headerSearch)),
        SwiftOption("-explicit-module-build", .alone, .bypass(.modules)),
        SwiftOption("-import-objc-header", .separate, .bypass(.precompiledHeaderOutput)),
        SwiftOption("-profile-use", .joined, .bypass(.profile)),
        SwiftOption("-module-cache-path", .separate, .moduleCache),
        SwiftOption("-load-plugin-executable", .separate, .plugin),
        SwiftOption("-load-plugin-library", .separate, .plugin),
        SwiftOption("-plugin-path", .separate, .pluginDirectory),
        SwiftOption("-external-plugin-path", .separate, .pluginDirectory),
        SwiftOption("-in-process-plugin-server-path", .separate, .input),
        SwiftOption("-sanitize-coverage", .joined, .bypass(.frontendOption)),
        SwiftOption("-cxx-interoperability-mode", .joined, .bypass(.unsupportedLanguage)),
        SwiftOption("-enable-experimental-cxx-interop", .alone, .bypass(.unsupportedLanguage)),
        SwiftOption("-L", .joinedOrSeparate, .path),
        SwiftOption("-Xlinker", .separate, .path),
        SwiftOption("-use-ld=", .joined, .keyed),
        SwiftOption("-Xcc", .separate, .clang),
        SwiftOption("-Xfrontend", .separate, .frontend),
        SwiftOption("-Xllvm", .separate, .bypass(.frontendOption)),
    ]

    /// What the language is, and what is said about it.
    private static let language: [SwiftOption] = [
        SwiftOption("-D", .joinedOrSeparate, .keyed),
        SwiftOption("-module-name", .separate, .moduleName),
        SwiftOption("-module-alias", .separate, .keyed),
        SwiftOption("-module-link-name", .separate, .keyed),
        SwiftOption("-package-name", .separate, .keyed),
        SwiftOption("-user-module-version", .separate, .keyed),
        SwiftOption("-swift-version", .separate, .keyed),
        SwiftOption("-language-mode", .separate, .keyed),
        SwiftOption("-target", .separate, .keyed),
        SwiftOption("-clang-target", .separate, .keyed),
        SwiftOption("-target-cpu", .separate, .processor),
        SwiftOption("-enable-upcoming-feature", .separate, .keyed),
        SwiftOption("-disable-upcoming-feature", .separate, .keyed),
        SwiftOption("-enable-experimental-feature", .separate, .keyed),
        SwiftOption("-disable-experimental-feature", .separate, .keyed),
        SwiftOption("-default-isolation", .separate, .keyed),
        SwiftOption("-default-isolation=", .joined, .keyed),
        SwiftOption("-strict-concurrency=", .joined, .keyed),
        SwiftOption("-strict-concurrency", .separate, .keyed),
        SwiftOption("-strict-memory-safety", .joined, .keyed),
        SwiftOption("-warn-concurrency", .alone, .keyed),
        SwiftOption("-warn-implicit-overrides", .alone, .keyed),
        SwiftOption("-require-explicit-availability", .joined, .keyed),
        SwiftOption("-require-explicit-sendable", .alone, .keyed),
        SwiftOption("-enable-bare-slash-regex", .alone, .keyed),
        SwiftOption("-enable-testing", .alone, .keyed),
        SwiftOption("-enable-private-imports", .alone, .keyed),
        SwiftOption("-enable-library-evolution", .alone, .keyed),
        SwiftOption("-parse-as-library", .alone, .keyed),
        SwiftOption("-parse-stdlib", .alone, .keyed),
        SwiftOption("-application-extension", .joined, .keyed),
        SwiftOption("-enforce-exclusivity=", .joined, .keyed),
        SwiftOption("-suppress-warnings", .alone, .keyed),
        SwiftOption("-suppress-remarks", .alone, .keyed),
        SwiftOption("-suppress-notes", .alone, .keyed),
        SwiftOption("-warnings-as-errors", .alone, .keyed),
        SwiftOption("-no-warnings-as-errors", .alone, .keyed),
        SwiftOption("-Werror", .separate, .keyed),
        SwiftOption("-Wwarning", .separate, .keyed),
        SwiftOption("-Wsuppress", .separate, .keyed),
        SwiftOption("-color-diagnostics", .alone, .keyed),
        SwiftOption("-no-color-diagnostics", .alone, .keyed),
        SwiftOption("-diagnostic-style", .separate, .keyed),
        SwiftOption("-diagnostic-style=", .joined, .keyed),
        SwiftOption("-debug-diagnostic-names", .alone, .keyed),
        SwiftOption("-continue-building-after-errors", .alone, .keyed),
    ]

    /// What the code becomes.
    private static let code: [SwiftOption] = [
        SwiftOption("-Onone", .alone, .keyed),
        SwiftOption("-Ounchecked", .alone, .keyed),
        SwiftOption("-Osize", .alone, .keyed),
        SwiftOption("-O", .alone, .keyed),
        SwiftOption("-gnone", .alone, .keyed),
        SwiftOption("-gline-tables-only", .alone, .debug),
        SwiftOption("-gdwarf-types", .alone, .debug),
        SwiftOption("-g", .alone, .debug),
        SwiftOption("-debug-info-format=dwarf", .alone, .keyed),
        SwiftOption("-dwarf-version=", .joined, .keyed),
        SwiftOption("-file-prefix-map", .separate, .prefixMap),
        SwiftOption("-debug-prefix-map", .separate, .prefixMap),
        SwiftOption("-coverage-prefix-map", .separate, .prefixMap),
        SwiftOption("-file-compilation-dir", .separate, .path),
        SwiftOption("-prefix-serialized-debugging-options", .alone, .keyed),
        SwiftOption("-sanitize=", .joined, .keyed),
        SwiftOption("-sanitize-recover=", .joined, .keyed),
        SwiftOption("-profile-generate", .alone, .keyed),
        // The names of the sources are in there, compressed.
        SwiftOption("-profile-coverage-mapping", .alone, .bypass(.profile)),
        SwiftOption("-cross-module-optimization", .alone, .keyed),
        SwiftOption("-disable-cmo", .alone, .keyed),
        SwiftOption("-enable-default-cmo", .alone, .keyed),
        SwiftOption("-assert-config", .separate, .keyed),
        SwiftOption("-remove-runtime-asserts", .alone, .keyed),
        SwiftOption("-assume-single-threaded", .alone, .keyed),
        SwiftOption("-stack-check", .alone, .keyed),
        SwiftOption("-no-stack-check", .alone, .keyed),
        SwiftOption("-static-stdlib", .alone, .keyed),
        SwiftOption("-no-static-stdlib", .alone, .keyed),
        SwiftOption("-static-executable", .alone, .keyed),
        SwiftOption("-no-static-executable", .alone, .keyed),
        SwiftOption("-static", .alone, .keyed),
        SwiftOption("-runtime-compatibility-version", .separate, .keyed),
        SwiftOption("-autolink-force-load", .alone, .keyed),
        SwiftOption("-disable-autolinking-runtime-compatibility", .joined, .keyed),
    ]

    /// Short names last: longer ones begin with them.
    private static let others: [SwiftOption] = [
        SwiftOption("-l", .joined, .keyed),
        SwiftOption("-o", .separate, .output),
        SwiftOption("-no-toolchain-stdlib-rpath", .alone, .keyed),
        SwiftOption("-toolchain-stdlib-rpath", .alone, .keyed),
    ]

    /// Words for the inner program that have no effect beyond the code and the diagnostics; true where the next one is a value.
    static func frontend(_ word: Word) -> Bool? {
        let alone: [StaticString] = [
            "-enable-cross-import-overlays", "-disable-cross-import-overlays", "-disable-availability-checking",
            "-no-serialize-debugging-options", "-prefix-serialized-debugging-options", "-disable-reflection-metadata",
            "-disable-reflection-names", "-validate-tbd-against-ir=none", "-warn-implicit-overrides",
            "-enable-actor-data-race-checks", "-disable-actor-data-race-checks", "-enable-testing",
            "-strict-concurrency=complete", "-strict-concurrency=targeted", "-strict-concurrency=minimal",
        ]
        let withValue: [StaticString] = ["-entry-point-function-name", "-define-availability", "-module-abi-name"]
        if alone.contains(where: { word.equals($0) }) { return false }
        return withValue.contains { word.equals($0) } ? true : nil
    }
}
