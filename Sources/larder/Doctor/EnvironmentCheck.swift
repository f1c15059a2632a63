internal import CompilerCache
internal import Files
internal import LarderStore
internal import Terminal

/// Variables by which build systems are told of a cache.
struct EnvironmentCheck {
    private static let variables: [StaticString] = [
        "CC", "CXX", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER",
        "CMAKE_C_COMPILER_LAUNCHER",
        "CMAKE_CXX_COMPILER_LAUNCHER", "CMAKE_CUDA_COMPILER_LAUNCHER", "CMAKE_OBJC_COMPILER_LAUNCHER",
        "CMAKE_Fortran_COMPILER_LAUNCHER",
    ]

    /// Variables that have gcc write or search elsewhere, so that its compiles go past the cache.
    private static let ofCompilers: [StaticString] = [
        "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES", "GCC_EXEC_PREFIX", "GCC_COMPARE_DEBUG",
    ]

    var findings: [Finding] {
        var findings = unknown + ofCCache
        for variable in Self.ofCompilers where Environment.value(variable) != nil {
            findings.append(
                Finding(
                    .warning,
                    "environment",
                    "\(variable) is set, so compiles by gcc go past the cache",
                    remedy: "unset \(variable)"
                )
            )
        }
        for variable in Self.variables {
            guard let value = Environment.value(variable), !value.isEmpty else { continue }
            // The first word of a command, or of CMake's list.
            let program = Array(value.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: ";") })
            let name = Text.shown(Path(bytes: program).name)
            if Executable.find(program) == nil {
                findings.append(
                    Finding(
                        .warning,
                        "environment",
                        "\(variable) names \(Text.shown(program)), which is no command here",
                        remedy: "unset \(variable)"
                    )
                )
            } else if ProgramSearch.isCache(Array(Path(bytes: program).name)), !leadsToUs(program) {
                findings.append(
                    Finding(
                        .warning,
                        "environment",
                        "\(variable) names another cache, \(name)",
                        remedy: "unset \(variable)"
                    )
                )
            }
        }
        return findings
    }

    /// Variables of ours that are no settings.
    private static let others: Set<String> = [
        "LARDER_SESSION", "LARDER_SYSTEM_CONFIG", "LARDER_PASSED", "LARDER_REMOTE_PASSWORD", "LARDER_REMOTE_TOKEN",
        "LARDER_PROTECTED", "LARDER_SWIFT_INDEX", "LARDER_NO_FSYNC",
    ]

    /// What begins like a setting and is none: misspelt, say.
    private var unknown: [Finding] {
        let known = Self.others.union(SettingKey.allCases.map { "\($0.variable)" })
        let ofTests = ["LARDER_CRASH_", "LARDER_HOLD", "LARDER_FAULT", "LARDER_PRETEND_", "LARDER_TEST_"]
        var names: [String] = []
        Environment.forEach { entry in
            let bytes = UnsafeRawBufferPointer(start: entry, count: Environment.length(entry))
            let name = Text.shown(bytes.prefix { $0 != UInt8(ascii: "=") })
            guard name.hasPrefix("LARDER_"), !known.contains(name), !ofTests.contains(where: name.hasPrefix) else {
                return
            }
            names.append(name)
        }
        return names.sorted().map { name in
            Finding(
                .warning,
                "environment",
                "\(name) is set, which is no setting and counts for nothing",
                remedy: "unset \(name); 'larder config --help' names the settings"
            )
        }
    }

    /// ccache's variables, which count for larder under its name alone.
    private var ofCCache: [Finding] {
        var names: [String] = []
        Environment.forEach { entry in
            let bytes = UnsafeRawBufferPointer(start: entry, count: Environment.length(entry))
            let name = Text.shown(bytes.prefix { $0 != UInt8(ascii: "=") })
            if name.hasPrefix("CCACHE_") { names.append(name) }
        }
        guard !names.isEmpty else { return [] }
        let are = names.count == 1 ? "is" : "are"
        return [
            Finding(
                .note,
                "environment",
                "\(names.sorted().joined(separator: ", ")) \(are) set, and count only for a link to larder that is called ccache",
                remedy: "use LARDER_* variables; 'larder config --help' names them"
            )
        ]
    }

    private func leadsToUs(_ program: [UInt8]) -> Bool {
        guard let path = Executable.find(program), let ourself = CurrentProcess.program else { return false }
        return FileStatus.of(path)?.identity.inode == ourself.inode
    }
}
