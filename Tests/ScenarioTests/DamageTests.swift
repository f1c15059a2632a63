import Foundation
import TestSupport
import Testing

/// Every file of a cache is damaged in turn: the next compiles are right, and the cache is well again.
@Suite struct DamageTests {
    /// A workshop with one compile in its cache, and what the bare compiler gives.
    private struct Scene {
        let workshop: Workshop
        let compile = ["gcc", "-Wall", "-c", "a.c", "-o", "a.o", "-MMD"]
        let bare: Workshop.Outcome
        let object: Data
        let rule: Data
        /// The files of the cache, relative to it, entries with their kind of content unknown.
        let files: [String]
        private let original: URL

        init() throws {
            workshop = try Workshop()
            try workshop.write("#include \"a.h\"\nint a(void) { int unused; return A; }\n", to: "a.c")
            try workshop.write("#define A 1\n", to: "a.h")
            bare = try workshop.run(compile)
            object = try #require(workshop.read("a.o"))
            rule = try #require(workshop.read("a.d"))
            for _ in 1...2 { try workshop.larder(compile) }
            try workshop.larder(["gc"])
            try workshop.larder(compile)
            original = workshop.url("original")
            try FileManager.default.copyItem(at: workshop.cache, to: original)
            let original = original
            let all = FileManager.default.enumerator(atPath: original.path)?.compactMap { $0 as? String } ?? []
            files = all.filter { name in
                var isDirectory: ObjCBool = false
                let path = original.appendingPathComponent(name).path
                return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
            }.sorted()
        }

        var entries: [String] { files.filter { $0.hasPrefix("entries/") } }

        func content(of file: String) throws -> Data { try Data(contentsOf: original.appendingPathComponent(file)) }
        func damaged(_ file: String) -> URL { workshop.cache.appendingPathComponent(file) }

        func restore() throws {
            try FileManager.default.removeItem(at: workshop.cache)
            try FileManager.default.copyItem(at: original, to: workshop.cache)
        }

        /// Two compiles as the bare compiler does them.
        func expectRight(_ what: Comment, sourceLocation: SourceLocation = #_sourceLocation) throws {
            for _ in 1...2 {
                for name in ["a.o", "a.d"] { workshop.remove(name) }
                #expect(try workshop.larder(compile) == bare, what, sourceLocation: sourceLocation)
                #expect(workshop.read("a.o") == object, what, sourceLocation: sourceLocation)
                #expect(workshop.read("a.d") == rule, what, sourceLocation: sourceLocation)
            }
        }
    }

    @Test func `whatever happens to a file of the cache, the next compiles are right`() throws {
        let scene = try Scene()
        #expect(scene.entries.count >= 3 && scene.files.contains("format") && scene.files.contains("usage"))
        for file in scene.files {
            let whole = try scene.content(of: file)
            var versions: [(String, Data?)] = [
                ("deleted", nil), ("zeroed", Data(count: whole.count)), ("longer", whole + [0]),
            ]
            for length in Set([0, 1, 8, 48, 64, whole.count / 2, whole.count - 1])
            where length >= 0 && length < whole.count {
                versions.append(("cut to \(length)", whole.prefix(length)))
            }
            for (what, content) in versions {
                try scene.restore()
                if let content {
                    try content.write(to: scene.damaged(file))
                } else {
                    try FileManager.default.removeItem(at: scene.damaged(file))
                }
                try scene.expectRight("\(file) \(what)")
            }
            try scene.restore()
            try FileManager.default.removeItem(at: scene.damaged(file))
            try FileManager.default.createDirectory(
                at: scene.damaged(file).appendingPathComponent("below"),
                withIntermediateDirectories: true
            )
            try scene.expectRight("\(file) is a directory")
            try scene.restore()
            try FileManager.default.removeItem(at: scene.damaged(file))
            try scene.workshop.run(["mkfifo", scene.damaged(file).path])
            try scene.expectRight("\(file) is a FIFO")
        }
    }

    @Test func `a bit that flips anywhere in an entry costs a miss, and the cache is well again`() throws {
        let scene = try Scene()
        for file in scene.entries {
            let whole = try scene.content(of: file)
            let step = max(1, whole.count / 24)
            for offset in Array(stride(from: 0, to: whole.count, by: step)) + [whole.count - 1] {
                try scene.restore()
                var flipped = whole
                flipped[offset] ^= 1 << UInt8(offset % 8)
                try flipped.write(to: scene.damaged(file))
                try scene.expectRight("byte \(offset) of \(file)")
                // What the compile did not need, `verify` finds; afterwards nothing is left to find.
                _ = try scene.workshop.larder(["verify"])
                #expect(try scene.workshop.larder(["verify"]).status == 0)
            }
        }
    }

    @Test func `verify reports a damaged entry, removes it and then finds nothing`() throws {
        let scene = try Scene()
        for file in scene.entries {
            for isDirectory in [false, true] {
                try scene.restore()
                if isDirectory {
                    try FileManager.default.removeItem(at: scene.damaged(file))
                    try FileManager.default.createDirectory(at: scene.damaged(file), withIntermediateDirectories: true)
                } else {
                    var flipped = try scene.content(of: file)
                    flipped[flipped.count / 2] ^= 4
                    try flipped.write(to: scene.damaged(file))
                }
                let first = try scene.workshop.larder(["verify"])
                #expect(first.status == 1)
                #expect(first.outputText.contains("damaged, removed"))
                #expect(!FileManager.default.fileExists(atPath: scene.damaged(file).path))
                #expect(try scene.workshop.larder(["verify"]).status == 0)
                try scene.expectRight("\(file) was removed")
            }
        }
    }

    @Test func `a damaged entry is counted under its own reason`() throws {
        let scene = try Scene()
        var reasons: Set<String> = []
        for file in scene.entries {
            try scene.restore()
            try scene.content(of: file).prefix(20).write(to: scene.damaged(file))
            try scene.workshop.larder(scene.compile)
            let json = try JSONSerialization.jsonObject(with: scene.workshop.larder(["stats", "--json"]).output)
            let byReason = (json as? [String: Any])?["misses_by_reason"] as? [String: Int] ?? [:]
            reasons.formUnion(byReason.keys)
        }
        #expect(reasons.isSuperset(of: ["manifest_corrupt", "result_corrupt"]))
    }

    @Test func `a cache of another format is left alone, its commands say so, and clear gets out`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        let compile = ["gcc", "-c", "a.c", "-o", "a.o"]
        let answer = try workshop.run(compile)
        let bare = workshop.read("a.o")
        try workshop.write("larder 99\n", to: ".cache/format")
        try workshop.write("theirs", to: ".cache/entries/ab/cd/theirs")
        for _ in 1...2 {
            workshop.remove("a.o")
            #expect(try workshop.larder(compile) == answer)
            #expect(workshop.read("a.o") == bare)
        }
        #expect(workshop.read(".cache/format") == Data("larder 99\n".utf8))
        #expect(workshop.read(".cache/entries/ab/cd/theirs") != nil)
        for command in ["verify", "gc"] {
            let refused = try workshop.larder([command])
            #expect(refused.status == 1)
            #expect(refused.errorText.contains("format 99") && refused.errorText.contains("larder clear"))
        }
        let strict = try workshop.larder(compile, environment: ["LARDER_STRICT": "1"])
        #expect(strict.status == 1 && strict.errorText.contains("format 99"))
        #expect(try workshop.larder(["clear", "-y"]).status == 0)
        #expect(workshop.read(".cache/entries/ab/cd/theirs") == nil)
        try workshop.larder(compile)
        #expect(try workshop.counting { try workshop.larder(compile) }.hits == 1)
    }

    @Test(arguments: ["", "\0\0\0\0\0\0\0\0\0", "larder 1"])
    func `a format file that lost its content in a power failure does not end the cache`(content: String) throws {
        let scene = try Scene()
        try Data(content.utf8).write(to: scene.damaged("format"))
        try scene.workshop.write("int b;\n", to: "b.c")
        try scene.workshop.larder(["gcc", "-c", "b.c", "-o", "b.o"])
        #expect(try scene.workshop.counting { try scene.workshop.larder(["gcc", "-c", "b.c", "-o", "b.o"]) }.hits == 1)
        #expect(try scene.workshop.larder(["verify"]).status == 0)
    }
}
