internal import Files
internal import LarderStore

/// The presets that a project has, in the files of the project and of the user.
struct CMakePresets {
    struct Preset {
        let name: String
        /// What an editor shows.
        let title: String
        let isHidden: Bool
        let parents: [String]
        /// What it sets as the launcher of C or C++ itself.
        let launcher: String?
        /// Nil where it says none itself.
        let condition: JSONValue?
    }

    private(set) var all: [Preset] = []
    private(set) var buildNames: Set<String> = []
    /// Of `CMakePresets.json`; nil where there is none.
    private(set) var sharedVersion: Int64?
    /// Files that include others by a name that only CMake can work out.
    private(set) var unfollowed: [String] = []
    /// Whether a preset leaves out what every preset had to say up to version 2.
    private(set) var needsVersion3 = false

    private var read: Set<Path> = []

    init(_ project: ProjectDirectory) throws(SetupProblem) {
        let shared = project.path.appending("CMakePresets.json")
        if FileStatus.ofLink(shared) != nil { sharedVersion = try take(shared) }
        let own = project.path.appending("CMakeUserPresets.json")
        if FileStatus.ofLink(own) != nil { _ = try take(own) }
    }

    /// Reads one file and those that it includes, and returns its version.
    @discardableResult
    private mutating func take(_ file: Path) throws(SetupProblem) -> Int64? {
        guard read.insert(Directory.realPath(file) ?? file).inserted, read.count <= 100 else { return nil }
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try RegularFile.bytes(of: file, limit: ProjectDirectory.longest) } catch {
            throw SetupProblem("\(file) cannot be read: \(error)")
        }
        _ = try JSONText(bytes, of: file.description)
        guard let document = try? JSONReader.value(of: bytes) else { return nil }
        for include in document["include"]?.elements ?? [] {
            guard let name = include.text else { continue }
            if name.contains("$") {
                unfollowed.append(file.description)
            } else {
                try take(Path(name).resolved(in: file.parent))
            }
        }
        let version = document["version"]?.integer
        for value in document["configurePresets"]?.elements ?? [] {
            guard let preset = Preset(value) else { continue }
            all.append(preset)
            let saysWhere = value["generator"]?.text != nil && value["binaryDir"]?.text != nil
            if (version ?? 0) >= 3, !preset.isHidden, !saysWhere { needsVersion3 = true }
        }
        for value in document["buildPresets"]?.elements ?? [] {
            if let name = value["name"]?.text { buildNames.insert(name) }
        }
        return version
    }

    /// Those that a user of this machine can name.
    var visible: [Preset] {
        all.filter { preset in
            !preset.isHidden && condition(of: preset, depth: 0).flatMap(PresetCondition.holds) != false
        }
    }

    /// Its own, else that of the first parent that has one.
    private func condition(of preset: Preset, depth: Int) -> JSONValue? {
        if let condition = preset.condition { return condition }
        guard depth < 32 else { return nil }
        for name in preset.parents {
            guard let parent = all.first(where: { $0.name == name }) else { continue }
            if let condition = condition(of: parent, depth: depth + 1) { return condition }
        }
        return nil
    }

    /// The names of those that have Larder as the launcher.
    var wrappers: [String] { visible.filter { isOurs($0) }.map(\.name) }

    /// Those that have not, and that no preset with it inherits.
    var uncovered: [Preset] {
        let ours = visible.filter { isOurs($0) }
        return visible.filter { preset in
            !isOurs(preset) && !ours.contains { $0.parents.contains(preset.name) && $0.launcher != nil }
        }
    }

    private func isOurs(_ preset: Preset) -> Bool {
        guard let launcher = launcher(of: preset, depth: 0) else { return false }
        return launcher.split(separator: "/").last == "larder"
    }

    /// Its own, else that of the first parent that has one.
    private func launcher(of preset: Preset, depth: Int) -> String? {
        if let launcher = preset.launcher { return launcher }
        guard depth < 32 else { return nil }
        for name in preset.parents {
            guard let parent = all.first(where: { $0.name == name }) else { continue }
            if let launcher = launcher(of: parent, depth: depth + 1) { return launcher }
        }
        return nil
    }

    /// `wanted`, or that with a number behind it where a preset has the name already.
    func freeName(_ wanted: String) -> String {
        let taken = Set(all.map(\.name)).union(buildNames)
        if !taken.contains(wanted) { return wanted }
        var number = 2
        while taken.contains("\(wanted)-\(number)") { number += 1 }
        return "\(wanted)-\(number)"
    }
}

extension CMakePresets.Preset {
    /// Nil for what has no name.
    fileprivate init?(_ value: JSONValue) {
        guard let name = value["name"]?.text else { return nil }
        self.name = name
        title = value["displayName"]?.text ?? name
        isHidden = value["hidden"]?.flag ?? false
        parents = value["inherits"]?.elements?.compactMap(\.text) ?? (value["inherits"]?.text).map { [$0] } ?? []
        let variables = value["cacheVariables"]
        let launchers = ["CMAKE_CXX_COMPILER_LAUNCHER", "CMAKE_C_COMPILER_LAUNCHER"].compactMap { name in
            variables?[name]?.text ?? variables?[name]?["value"]?.text
        }
        launcher = launchers.first
        condition = value["condition"]
    }
}
