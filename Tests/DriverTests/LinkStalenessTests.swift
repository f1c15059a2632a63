import Foundation
import TestSupport
import Testing

/// Whatever changes between two runs: the second gives what the bare program gives then.
@Suite struct LinkStalenessTests {
    @Test(arguments: LinkCases.links)
    func `gcc and GNU ld`(item: LinkCase) throws { try Self.check(item, "gcc") }

    @Test(arguments: LinkCases.links.filter { !$0.name.contains("code for the linker") })
    func `clang and lld`(item: LinkCase) throws { try Self.check(item, "clang -fuse-ld=lld") }

    @Test(arguments: LinkCases.needs)
    func `what GNU ld searches by itself`(item: LinkCase) throws { try Self.check(item, "gcc") }

    @Test(arguments: LinkCases.links + LinkCases.needs)
    func `a link that is traced`(item: LinkCase) throws { try Self.check(item, "gcc --sysroot=/") }

    @Test(arguments: LinkCases.links.filter { !$0.name.contains("code for the linker") })
    func `a linker that does not list what it reads`(item: LinkCase) throws {
        try Self.check(item, "gcc -fuse-ld=gold")
    }

    @Test(arguments: LinkCases.archives)
    func `archives`(item: LinkCase) throws { try Self.check(item, "gcc") }

    private static func check(_ item: LinkCase, _ cc: String) throws {
        let project = try LinkProject()
        try project.prepare(item.prepare)
        let first = try project.bare(item.line, cc: cc)
        for isDue in [false, first.outcome.status == 0 && item.isKept] {
            let counted = try project.workshop.counting(dueHits: isDue ? 1 : 0) {
                let seen = try project.run(item.line, cc: cc, larder: true)
                try project.clean()
                if seen != first { Issue.record("before: \(LinkProject.difference(first, seen))") }
            }
            if isDue { #expect(counted.hits == 1, "\(counted)") }
        }
        try project.prepare(item.change)
        let then = item.then ?? item.line
        let second = try project.bare(then, cc: cc)
        for _ in 0..<2 {
            let seen = try project.run(then, cc: cc, larder: true)
            try project.clean()
            if seen != second { Issue.record("after: \(LinkProject.difference(second, seen))") }
        }
        if item.shows {
            let before = first.files.items.filter { $0.key.hasPrefix("out") }
            let after = second.files.items.filter { $0.key.hasPrefix("out") }
            #expect(before != after || first.outcome != second.outcome, "the change does not show")
        }
    }

    @Test(arguments: ["gcc", "clang -fuse-ld=lld"])
    func `sources that are compiled and linked at once`(cc: String) throws {
        let line = "$CC main.c -Ltwo -lf -o out"
        let prepare =
            "ar rcs two/libf.a f1.o; mkdir headers; echo 'int f(void);' > headers/f.h; echo '#include <f.h>' >> main.c"
        for (name, change) in [
            ("a source", "echo 'int more;' >> main.c"), ("a library", "rm two/libf.a; ar rcs two/libf.a f2.o"),
            ("a header", "echo 'int more;' >> headers/f.h"),
            ("a header that comes earlier", "mkdir early; echo 'int more;' > early/f.h"),
        ] {
            let flags = line.replacingOccurrences(of: "$CC", with: "$CC -Iearly -Iheaders")
            try Self.check(LinkCase(name: name, line: flags, prepare: prepare, change: change), cc)
        }
    }

    @Test func `back to an earlier state is a hit`() throws {
        let project = try LinkProject()
        let line = "$CC main.o -Lone -Ltwo -lf -o out"
        try project.prepare("ar rcs two/libf.a f1.o; cp two/libf.a kept.a")
        let changes = [
            (":", 0), ("ar rcs one/libf.a f2.o", 0), ("rm one/libf.a", 1), ("rm two/libf.a; ar rcs two/libf.a f2.o", 0),
            ("cp kept.a two/libf.a", 1),
        ]
        for (change, hits) in changes {
            try project.prepare(change)
            let counted = try project.workshop.counting(dueHits: hits) {
                _ = try project.run(line, cc: "gcc", larder: true)
            }
            #expect(counted.hits == hits, "\(change)")
        }
    }
}
