internal import Files

/// Cargo: `rustc-wrapper` in the configuration of the package or workspace.
enum CargoSetup {
    static func add(to plan: inout SetupPlan, _ project: ProjectDirectory) throws(SetupProblem) {
        if let root = CargoWorkspace.root(above: project) {
            var system = BuildSystem("cargo", "cargo", marks: ["Cargo.toml"])
            system.commands = ["larder init --apply \(ShellWord.quoted(root.description))"]
            system.notes = [
                "The package belongs to the workspace in \(root); what is set there holds for all its members."
            ]
            plan.add(system)
            return
        }
        // Where both are there, cargo takes the one without an extension.
        let legacy = FileStatus.ofLink(project.path.appending(".cargo/config")) != nil
        let name = legacy ? ".cargo/config" : ".cargo/config.toml"
        let file = try project.file(name)
        plan.add(BuildSystem("cargo", "cargo", marks: ["Cargo.toml"] + (file.content == nil ? [] : [name])))
        plan.run("cargo build")
        let content = file.content ?? []
        let text = try TOMLText(content, of: project.path.appending(name).description)
        if let present = wrapper(in: text) {
            if present.value.split(separator: "/").last != "larder" {
                plan.note(
                    "Line \(present.line) of \(name) sets rustc-wrapper to \"\(present.value)\", which is left alone; "
                        + "write \"larder\" there to have Larder instead."
                )
            }
            return
        }
        plan.edit(file, to: try inserted(into: text, project.path.appending(name)))
        plan.note("Who builds with this file needs larder in PATH, so commit it only if all have it.")
    }

    private static func wrapper(in text: TOMLText) -> (value: String, line: Int)? {
        for entry in text.entries where !entry.isHeader {
            if entry.path == ["build", "rustc-wrapper"] { return (text.string(at: entry.value), entry.line) }
            if entry.path == ["build"], let value = text.inlineMember("rustc-wrapper", of: entry.value) {
                return (text.string(at: value), entry.line)
            }
        }
        return nil
    }

    private static func inserted(into text: TOMLText, _ path: Path) throws(SetupProblem) -> [UInt8] {
        var bytes = text.bytes
        let newline: [UInt8] = bytes.contains(0x0D) ? [0x0D, 0x0A] : [0x0A]
        let line = Array("rustc-wrapper = \"larder\"".utf8)
        if let table = text.entries.first(where: { $0.isHeader && $0.path == ["build"] }) {
            if let end = bytes[table.value.lowerBound...].firstIndex(of: UInt8(ascii: "\n")) {
                bytes.insert(contentsOf: line + newline, at: end + 1)
            } else {
                bytes += newline + line + newline
            }
        } else if let whole = text.entries.first(where: { !$0.isHeader && $0.path == ["build"] }) {
            guard bytes[whole.value.lowerBound] == UInt8(ascii: "{") else {
                throw SetupProblem("line \(whole.line) of \(path) sets build to something that is no table")
            }
            let isEmpty = text.hasNoMembers(whole.value)
            let addition = [0x20] + line + (isEmpty ? [0x20] : [UInt8(ascii: ",")])
            bytes.insert(contentsOf: addition, at: whole.value.lowerBound + 1)
        } else if let dotted = text.entries.first(where: { !$0.isHeader && $0.tableDepth == 0 && $0.path[0] == "build" }
        ) {
            bytes.insert(contentsOf: Array("build.".utf8) + line + newline, at: dotted.start)
        } else {
            if let last = bytes.last, last != UInt8(ascii: "\n") { bytes += newline }
            if !bytes.isEmpty { bytes += newline }
            bytes += Array("[build]".utf8) + newline + line + newline
        }
        return bytes
    }
}

/// The workspace that a package belongs to.
enum CargoWorkspace {
    /// The directory of the workspace whose member the package in `project` is; nil where it stands for itself.
    static func root(above project: ProjectDirectory) -> Path? {
        guard let own = manifest(in: project.path), !isRoot(own) else { return nil }
        if let entry = own.entries.first(where: { $0.path == ["package", "workspace"] && !$0.isHeader }) {
            return Directory.realPath(Path(own.string(at: entry.value)).resolved(in: project.path))
        }
        var directory = project.path
        while FileStatus.of(directory.appending(".git")) == nil, directory.parent != directory {
            directory = directory.parent
            guard let manifest = manifest(in: directory), isRoot(manifest) else { continue }
            let below = project.path.bytes.dropFirst(directory.appending("").bytes.count)
            return excludes(manifest, below) ? nil : directory
        }
        return nil
    }

    private static func manifest(in directory: Path) -> TOMLText? {
        let path = directory.appending("Cargo.toml")
        guard let bytes = try? RegularFile.bytes(of: path, limit: ProjectDirectory.longest) else { return nil }
        return try? TOMLText(bytes, of: path.description)
    }

    private static func isRoot(_ manifest: TOMLText) -> Bool {
        manifest.entries.contains { $0.path.first == "workspace" }
    }

    /// Whether the workspace says that what is in the directory `below` it is none of its members.
    private static func excludes(_ manifest: TOMLText, _ below: ArraySlice<UInt8>) -> Bool {
        let entry = manifest.entries.first { $0.path == ["workspace", "exclude"] && !$0.isHeader }
        return (entry.map { manifest.strings(at: $0.value) } ?? []).contains { name in
            below.elementsEqual(name.utf8) || below.starts(with: "\(name)/".utf8)
        }
    }
}
