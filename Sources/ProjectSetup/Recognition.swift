internal import Files

/// The build systems of a directory, by their marks.
struct Recognition {
    let isKernel: Bool
    let espMarks: [String]?
    let hasCMake: Bool
    /// A directory that CMake has made, without the sources.
    let isCMakeBuild: Bool
    let hasMeson: Bool
    let hasAutotools: Bool
    let hasMake: Bool
    let hasNinja: Bool
    let hasCargo: Bool
    let hasSwift: Bool
    let yoctoMarks: [String]?
    let bazelMark: String?

    /// Whether gcc or clang are at work, which is what the settings of the project are about.
    var compilesC: Bool {
        isKernel || espMarks != nil || hasCMake || isCMakeBuild || hasMeson || hasAutotools || hasMake || hasNinja
    }

    init(_ project: ProjectDirectory) {
        isKernel = Self.isKernel(project)
        espMarks = Self.espMarks(project)
        hasCMake = project.has("CMakeLists.txt")
        hasMeson = project.has("meson.build")
        hasAutotools = project.first(of: "configure.ac", "configure.in", "configure") != nil
        hasCargo = project.has("Cargo.toml")
        hasSwift = project.has("Package.swift")
        bazelMark = project.first(of: "MODULE.bazel", "WORKSPACE", "WORKSPACE.bazel")
        yoctoMarks = Self.yoctoMarks(project)
        let isOther = hasCargo || hasSwift || bazelMark != nil || yoctoMarks != nil
        isCMakeBuild = !hasCMake && project.has("CMakeCache.txt")
        let isConfigured = hasCMake || isCMakeBuild || hasMeson || hasAutotools
        // Beside another build system a Makefile is often a list of short names for commands.
        hasMake =
            !isConfigured
            && MakeSetup.makefile(project).map { !isOther || Makefile(project.text($0) ?? []).compiles } == true
        hasNinja = !isConfigured && project.has("build.ninja")
    }

    private static func isKernel(_ project: ProjectDirectory) -> Bool {
        guard project.has("Kbuild"), project.has("Kconfig"), project.hasDirectory("arch"),
            let text = project.text("Makefile")
        else { return false }
        let names = Makefile(text).names
        return names.contains("VERSION") && names.contains("PATCHLEVEL")
    }

    private static func espMarks(_ project: ProjectDirectory) -> [String]? {
        guard let text = project.text("CMakeLists.txt") else { return nil }
        guard ByteSearch.contains(text, "tools/cmake/project.cmake") else { return nil }
        let others = ["sdkconfig", "sdkconfig.defaults", "idf_component.yml", "main/idf_component.yml"]
        return ["CMakeLists.txt"] + others.filter { project.has($0) }
    }

    /// A layer, a build directory, or the directory with BitBake in it.
    private static func yoctoMarks(_ project: ProjectDirectory) -> [String]? {
        let marks = ["conf/layer.conf", "conf/bblayers.conf", "oe-init-build-env", "bitbake/bin/bitbake"]
        let found = marks.filter { project.has($0) }
        return found.isEmpty ? nil : found
    }
}
