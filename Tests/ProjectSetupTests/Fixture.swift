import Files
import Foundation
import ProjectSetup
import TestSupport
import Testing

/// A directory that looks like a project.
final class Fixture: Sendable {
    let directory: String

    init(_ files: [String: String] = [:]) throws {
        directory =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/larder-setup-"
            + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for (name, text) in files { try write(text, to: name) }
    }

    deinit { DirectorySnapshot.remove(directory) }

    func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: directory + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: directory + "/" + name).map { String(decoding: $0, as: UTF8.self) }
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: directory + "/" + name) }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: directory + "/" + name, withDestinationPath: target)
    }

    var snapshot: DirectorySnapshot { DirectorySnapshot(of: directory) }

    static let tools = BuildTools(
        cmake: BuildTools.Version(3, 25),
        programs: ["cc", "gcc", "c++", "g++", "ninja", "larder"]
    )

    func plan(_ tools: BuildTools = Fixture.tools) throws -> SetupPlan {
        try SetupPlan(for: Path(directory), tools: tools)
    }

    func apply() throws {
        let plan = try plan()
        try #require(plan.problems.isEmpty, "\(plan.problems)")
        try SetupChange(in: Path(directory)).apply(plan)
    }

    @discardableResult
    func undo() throws -> SetupChange.Undone { try SetupChange(in: Path(directory)).undo() }

    /// What the plan makes of the file called `name`; nil where it leaves it alone.
    func edited(_ name: String, _ tools: BuildTools = Fixture.tools) throws -> String? {
        try plan(tools).edits.first { $0.name == name }.map { String(decoding: $0.after, as: UTF8.self) }
    }
}
