import Files
import Foundation
import ProjectSetup
import TestSupport
import Testing

/// The diff that is shown is one that `patch` takes.
@Suite struct DiffTests {
    @Test(arguments: [
        "{\n\"version\": 3,\n\"configurePresets\": [\n{\"name\":\n\"a\"}\n],\n\n\n\n\n\n\n\n\"buildPresets\": [{\"name\": \"b\"}\n]\n}\n",
        "{\n\"version\": 3\n}", "{\"version\": 3}", "{\r\n\"version\": 3,\r\n\"buildPresets\": []}\r\n",
    ])
    func `patch makes of the project what apply makes of it`(presets: String) throws {
        let workshop = try Workshop()
        try workshop.write("project(x)", to: "CMakeLists.txt")
        try workshop.write("[package]\n", to: "Cargo.toml")
        try workshop.write(presets, to: "CMakeUserPresets.json")
        let plan = try SetupPlan(for: Path(workshop.directory.path), tools: Fixture.tools)
        #expect(plan.edits.count == 3)
        let diff = plan.edits.flatMap(\.difference)
        try Data(diff).write(to: workshop.url("diff"))
        let outcome = try workshop.run(["patch", "-p1", "--binary", "-i", "diff"])
        #expect(outcome.status == 0 && !outcome.outputText.contains("fuzz"), "\(outcome.outputText)")
        for edit in plan.edits { #expect(workshop.read(edit.name) == Data(edit.after), "\(edit.name)") }
    }
}
