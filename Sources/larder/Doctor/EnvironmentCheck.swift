internal import CompilerCache
internal import Files
internal import Terminal

/// Variables by which build systems are told of a cache.
struct EnvironmentCheck {
    private static let variables: [StaticString] = [
        "CC", "CXX", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER",
        "CMAKE_C_COMPILER_LAUNCHER",
        "CMAKE_CXX_COMPILER_LAUNCHER", "CMAKE_CUDA_COMPILER_LAUNCHER", "CMAKE_OBJC_COMPILER_LAUNCHER",
    ]

    /// Variables that have gcc write or search elsewhere, so that its compiles go past the cache.
    private static let ofCompilers: [StaticString] = [
        "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES", "GCC_EXEC_PREFIX", "GCC_COMPARE_DEBUG",
    ]

    var findings: [Finding] {
        var findings: [Finding] = []
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

    private func leadsToUs(_ program: [UInt8]) -> Bool {
        guard let path = Executable.find(program), let ourself = CurrentProcess.program else { return false }
        return FileStatus.of(path)?.identity.inode == ourself.inode
    }
}
