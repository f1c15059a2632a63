internal import LarderStore
internal import Terminal

/// CMake: a preset of the user's own, which gives the compilers their launcher.
///
/// `CMakeUserPresets.json` is the file that CMake reads for one user; a preset in it inherits everything of the project's,
/// conditions included.
struct CMakeSetup {
    private let project: ProjectDirectory
    private let tools: BuildTools
    private static let (own, shared) = ("CMakeUserPresets.json", "CMakePresets.json")
    /// CMake warns of variables that nothing in the project uses: so Fortran's is set only where the project names the language.
    private let launchers: [String]
    private static let usual = ["CMAKE_C_COMPILER_LAUNCHER", "CMAKE_CXX_COMPILER_LAUNCHER"]

    init(_ project: ProjectDirectory, _ tools: BuildTools) {
        (self.project, self.tools) = (project, tools)
        let usesFortran = Self.lines(of: project).contains { $0.text.contains("Fortran") }
        launchers = Self.usual + (usesFortran ? ["CMAKE_Fortran_COMPILER_LAUNCHER"] : [])
    }

    private static func flags(_ launchers: [String]) -> String {
        launchers.map { "-D\($0)=larder" }.joined(separator: " ")
    }

    /// A directory in which a project has been configured, without its sources.
    static func buildDirectory() -> BuildSystem {
        var system = BuildSystem("cmake", "CMake build directory", marks: ["CMakeCache.txt"])
        system.commands = ["cmake \(flags(usual)) . && cmake --build ."]
        system.notes = ["To have a preset instead, name the directory of the sources."]
        return system
    }

    func add(to plan: inout SetupPlan) throws(SetupProblem) {
        let marks = ["CMakeLists.txt"] + [Self.shared, Self.own].filter { project.has($0) }
        plan.add(BuildSystem("cmake", "CMake", marks: marks))
        noteLauncherOfProject(&plan)
        if let version = tools.cmake, version < BuildTools.Version(3, 19) {
            plan.run("cmake -B \(directoryName) \(Self.flags(launchers)) && cmake --build \(directoryName)")
            plan.note("CMake \(version.major).\(version.minor) has no presets, so nothing is written for it.")
            return
        }
        let file = try project.file(Self.own)
        let text = try file.content.map { (bytes) throws(SetupProblem) in try JSONText(bytes, of: path(Self.own)) }
        let presets = try CMakePresets(project)
        let version = try version(of: text, presets)
        let additions = additions(presets, version)
        if additions.isEmpty {
            plan.note("A preset with Larder as the launcher is there already.")
            plan.run(presets.wrappers.first.map { run($0, version) })
            return
        }
        let after = try edited(text, with: additions, version, presets)
        plan.edit(file, to: after)
        plan.run(run(additions[0].name, version))
        if additions.count > 1 {
            plan.note("Presets: \(additions.map(\.name).joined(separator: ", ")).")
        }
        for place in presets.unfollowed { plan.note("Presets that \(place) includes are not looked at.") }
        plan.note("\(Self.own) is for one user and is not meant to be committed.")
    }

    private func path(_ name: String) -> String { project.path.appending(name).description }

    /// A launcher that the project sets itself may win over the preset's.
    private func noteLauncherOfProject(_ plan: inout SetupPlan) {
        let words = ["COMPILER_LAUNCHER", "RULE_LAUNCH_COMPILE"]
        guard let line = Self.lines(of: project).first(where: { line in words.contains { line.text.contains($0) } })
        else { return }
        plan.note("Line \(line.number) of CMakeLists.txt sets a launcher itself, which may win over the preset's.")
    }

    /// The lines of the project's `CMakeLists.txt` that are no comments.
    private static func lines(of project: ProjectDirectory) -> [(number: Int, text: String)] {
        (project.text("CMakeLists.txt") ?? []).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated().map { ($0.offset + 1, String(decoding: $0.element, as: UTF8.self)) }
            .filter { !$0.1.drop(while: { $0 == " " || $0 == "\t" }).hasPrefix("#") }
    }

    private func run(_ preset: String, _ version: Int64) -> String {
        let name = ShellWord.quoted(preset)
        return version < 2
            ? "cmake --preset \(name) && cmake --build \(directoryName)"
            : "cmake --preset \(name) && cmake --build --preset \(name)"
    }

    /// Where a project without presets is built: where it was built before, or where nothing of the project is.
    private var directoryName: String {
        !project.has("build") || project.has("build/CMakeCache.txt") ? "build" : "build-larder"
    }

    // MARK: - The presets to add

    private struct Addition {
        let name: String
        let preset: JSON
    }

    /// The version of the file of the user's own: as it is, as the project's is, or the first that needs no generator.
    private func version(of text: JSONText?, _ presets: CMakePresets) throws(SetupProblem) -> Int64 {
        if let text {
            guard let version = try? JSONReader.value(of: text.bytes)["version"]?.integer else {
                throw SetupProblem("\(path(Self.own)) has no \"version\", which CMake wants; add \"version\": 3")
            }
            return version
        }
        if let version = presets.sharedVersion { return version }
        guard let cmake = tools.cmake else { return 3 }
        return cmake < BuildTools.Version(3, 20) ? 1 : cmake < BuildTools.Version(3, 21) ? 2 : 3
    }

    private func additions(_ presets: CMakePresets, _ version: Int64) -> [Addition] {
        let values = JSON.object(launchers.map { ($0, .string("larder")) })
        if presets.visible.isEmpty {
            if !presets.wrappers.isEmpty { return [] }
            var members: [(String, JSON)] = [
                ("name", .string(presets.freeName("larder"))), ("displayName", .string("Larder")),
            ]
            // Up to version 2 a preset names its generator.
            if version < 3 { members.append(("generator", .string(tools.has("ninja") ? "Ninja" : "Unix Makefiles"))) }
            members.append(("binaryDir", .string("${sourceDir}/\(directoryName)")))
            return [Addition(name: presets.freeName("larder"), preset: .object(members + [("cacheVariables", values)]))]
        }
        return presets.uncovered.map { preset in
            let name = presets.freeName("\(preset.name)-larder")
            let members: [(String, JSON)] = [
                ("name", .string(name)), ("displayName", .string("\(preset.title) with Larder")),
                ("inherits", .string(preset.name)), ("cacheVariables", values),
            ]
            return Addition(name: name, preset: .object(members))
        }
    }

    private func edited(
        _ text: JSONText?,
        with additions: [Addition],
        _ version: Int64,
        _ presets: CMakePresets
    ) throws(SetupProblem) -> [UInt8] {
        if version < 3, text != nil, presets.needsVersion3 {
            throw SetupProblem(
                "\(path(Self.own)) is of version \(version), in which no preset can inherit those of the project; "
                    + "set its \"version\" to 3 or more"
            )
        }
        let configure = additions.map(\.preset)
        let build =
            version < 2
            ? []
            : additions.filter { !presets.buildNames.contains($0.name) }.map { addition in
                JSON.object([("name", .string(addition.name)), ("configurePreset", .string(addition.name))])
            }
        guard var text else {
            let members: [(String, JSON)] = [("version", .integer(version)), ("configurePresets", .array(configure))]
            let document = JSON.object(members + (build.isEmpty ? [] : [("buildPresets", .array(build))]))
            return Layout.ours.text(document, margin: []) + [UInt8(ascii: "\n")]
        }
        do throws(SetupProblem) {
            try text.append(configure, to: "configurePresets")
            try text.append(build, to: "buildPresets")
        } catch { throw SetupProblem("in \(path(Self.own)) \(error)") }
        return text.bytes
    }
}
