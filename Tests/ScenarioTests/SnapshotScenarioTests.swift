import Foundation
import TestSupport
import Testing

/// A document between processes that read, refresh it at once and are killed.
@Suite struct SnapshotScenarioTests: UsesLockProbe {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    @Test func `readers beside a refreshing writer see every document whole`() throws {
        #expect(try probe("publish", workshop.cache.path, "1").status == 0)
        let readers = try (0..<7).map { _ in
            try Background(workshop, [Self.probe, "read", workshop.cache.path, Self.isStress ? "15000" : "1500"])
        }
        #expect(try probe("publish", workshop.cache.path, "100").status == 0)
        for reader in readers {
            let words = reader.hear().split(separator: " ")
            #expect(reader.wait() == 0)
            #expect(words.prefix(2) == ["0", "0"], "absent and not whole: \(words)")
        }
    }

    @Test(arguments: ["1000000", "any"])
    func `of twenty that refresh at once one makes the document`(age: String) throws {
        let log = workshop.url("log").path
        let holder = try hold("document", "advisory")
        let all = try (0..<20).map { _ in
            try Background(workshop, [Self.probe, "refresh", workshop.cache.path, log, "0.2", age])
        }
        // All of them wait before the first one begins.
        #expect(
            eventually {
                all.allSatisfy { one in
                    let links = try? FileManager.default.contentsOfDirectory(
                        atPath: "/proc/\(one.process.processIdentifier)/fd"
                    )
                    return links?.contains { link in
                        let target = try? FileManager.default.destinationOfSymbolicLink(
                            atPath: "/proc/\(one.process.processIdentifier)/fd/\(link)"
                        )
                        return target?.contains("inotify") == true
                    } == true
                }
            }
        )
        try holder.finish()
        let documents = all.map { $0.hear() }
        for one in all { #expect(one.wait() == 0) }
        #expect(workshop.read("log").map { String(decoding: $0, as: UTF8.self) } == "made\n")
        #expect(Set(documents).count == 1)
    }

    @Test func `a rename that is refused as busy is tried again, within the lock's time`() throws {
        // EBUSY
        func publish(_ fault: String) throws -> Workshop.Outcome {
            try workshop.run(
                [Self.probe, "publish", workshop.cache.path, "1"],
                environment: ["LARDER_FAULT": fault]
            )
        }
        let start = Date()
        #expect(try publish("rename:16:3").status == 0)
        #expect(Date().timeIntervalSince(start) >= 0.35, "50, 100 and 200 ms")
        #expect(try probe("read", workshop.cache.path, "1").outputText == "0 0 1\n")
        // EPERM is not busy.
        #expect(try publish("rename:1:1").status == 0, "the old document is kept")
        // EEXIST: where a rename cannot replace, it is done in two steps.
        #expect(try publish("rename:17:1").status == 0)
        #expect(try probe("read", workshop.cache.path, "1").outputText == "0 0 1\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.cache.path + "/snapshots") == ["document"])
    }

    @Test(arguments: ["flushed", "aside", "renamed"])
    func `killed while it publishes, a writer leaves the old document or the new one`(point: String) throws {
        #expect(try probe("publish", workshop.cache.path, "1").status == 0)
        let killed = try workshop.run(
            [Self.probe, "publish", workshop.cache.path, "1"],
            environment: ["LARDER_CRASH_AT": point, "LARDER_FAULT": point == "aside" ? "rename:17:1" : ""]
        )
        #expect(killed.status == 128 + 9)
        #expect(try probe("read", workshop.cache.path, "1").outputText == "0 0 1\n")
        #expect(try probe("publish", workshop.cache.path, "2").status == 0)
        #expect(try probe("read", workshop.cache.path, "1").outputText == "0 0 2\n")
    }
}
