package import Files

/// A build system that a directory has, and how its compiles come into the cache.
package struct BuildSystem: Sendable {
    /// The word for it in JSON, which never changes.
    package let kind: String
    package let title: String
    /// The files by which it was recognised.
    package let marks: [String]
    /// What to run, one shell line each.
    package var commands: [String] = []
    /// Sentences, each with its full stop.
    package var notes: [String] = []

    init(_ kind: String, _ title: String, marks: [String]) {
        (self.kind, self.title, self.marks) = (kind, title, marks)
    }
}

/// A file of the project as it is and as it is to be.
package struct FileEdit: Sendable {
    /// Seen from the project's directory.
    package let name: String
    /// Nil where there is no such file.
    package let before: [UInt8]?
    package let after: [UInt8]

    /// What changes, as a unified diff.
    package var difference: [UInt8] { LineDiff.unified(name: name, from: before, to: after) }
}

/// What sets a project up: found by looking, nothing is changed.
package struct SetupPlan: Sendable {
    package let directory: Path
    package private(set) var systems: [BuildSystem] = []
    package private(set) var edits: [FileEdit] = []
    /// What holds for the whole project, each with its full stop.
    package private(set) var notes: [String] = []
    /// What keeps a file from being edited.
    package private(set) var problems: [SetupProblem] = []

    /// For the sentence that says that nothing was found.
    package static let marks =
        "CMakeLists.txt, meson.build, configure, Makefile, build.ninja, Cargo.toml, Package.swift, sdkconfig, "
        + "conf/layer.conf, MODULE.bazel"

    /// Looks at the project in `directory`, which every symbolic link is followed of.
    package init(for directory: Path, tools: BuildTools) throws(SetupProblem) {
        let project = try ProjectDirectory(directory)
        self.directory = project.path
        let recognised = Recognition(project)
        if recognised.isKernel {
            systems.append(KernelSetup.system(project))
        } else if let marks = recognised.espMarks {
            systems.append(EmbeddedSetup.espIDF(marks))
        } else {
            if recognised.hasCMake {
                take { (plan) throws(SetupProblem) in try CMakeSetup(project, tools).add(to: &plan) }
            }
            if recognised.hasMeson {
                take { (plan) throws(SetupProblem) in try MesonSetup.add(to: &plan, project, tools) }
            }
            if recognised.hasAutotools { systems.append(MakeSetup.autotools(project, tools)) }
            if recognised.isCMakeBuild { systems.append(CMakeSetup.buildDirectory()) }
            if recognised.hasMake { systems.append(MakeSetup.make(project, tools)) }
            if recognised.hasNinja { systems.append(NinjaSetup.system(project)) }
        }
        if recognised.hasCargo { take { (plan) throws(SetupProblem) in try CargoSetup.add(to: &plan, project) } }
        if recognised.hasSwift {
            var system = BuildSystem("swiftpm", "SwiftPM", marks: ["Package.swift"])
            system.commands = ["larder swift build"]
            systems.append(system)
        }
        if let marks = recognised.yoctoMarks { systems.append(EmbeddedSetup.yocto(project, marks)) }
        if let mark = recognised.bazelMark {
            var system = BuildSystem("bazel", "Bazel", marks: [mark])
            system.notes = ["Bazel keeps a cache of its own and runs compilers in sandboxes, so nothing is set."]
            systems.append(system)
        }
        if recognised.compilesC {
            take { (plan) throws(SetupProblem) in try SettingsSetup.add(to: &plan, project) }
        }
    }

    /// Lets `body` add to the plan; what keeps it from that is noted, and the plan is as it was.
    private mutating func take(_ body: (inout SetupPlan) throws(SetupProblem) -> Void) {
        var next = self
        do throws(SetupProblem) {
            try body(&next)
            self = next
        } catch { problems.append(error) }
    }

    mutating func add(_ system: BuildSystem) { systems.append(system) }

    /// Adds a shell line to the system that was added last.
    mutating func run(_ line: String?) {
        if let line, !systems.isEmpty { systems[systems.count - 1].commands.append(line) }
    }

    /// Adds a sentence to the system that was added last.
    mutating func note(_ sentence: String) {
        if !systems.isEmpty { systems[systems.count - 1].notes.append(sentence) }
    }

    /// Adds a sentence about the whole project.
    mutating func remark(_ sentence: String) { notes.append(sentence) }

    mutating func edit(_ file: ProjectFile, to after: [UInt8]) {
        if file.content != after { edits.append(FileEdit(name: file.name, before: file.content, after: after)) }
    }
}
