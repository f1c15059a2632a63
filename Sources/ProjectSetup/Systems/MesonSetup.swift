internal import Files

/// Meson: a native file that names the compilers, because Meson sets up a launcher in no other way.
enum MesonSetup {
    private static let name = "larder-native.ini"

    static func add(to plan: inout SetupPlan, _ project: ProjectDirectory, _ tools: BuildTools) throws(SetupProblem) {
        let file = try project.file(name)
        plan.add(BuildSystem("meson", "Meson", marks: ["meson.build"]))
        plan.run("meson setup --native-file \(name) build && meson compile -C build")
        plan.note("A build directory that is there already does not take the file; set up a new one.")
        if let content = file.content {
            if !ByteSearch.contains(content, "larder'") {
                plan.note("\(name) is there and does not name larder; it is left alone.")
            }
            return
        }
        // As Meson itself would choose; a native file wins over CC and CXX.
        var text = """
            # The compilers with Larder before them, for: meson setup --native-file \(name) build
            [binaries]
            c = ['larder', '\(tools.first(of: "cc", "gcc", "clang"))']
            cpp = ['larder', '\(tools.first(of: "c++", "g++", "clang++"))']

            """
        if project.text("meson.build").map({ ByteSearch.contains($0, "'rust'") }) == true {
            text += "rust = ['larder', 'rustc']\n"
        }
        plan.edit(file, to: Array(text.utf8))
    }
}
