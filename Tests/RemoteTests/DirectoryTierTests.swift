import Foundation
import RemoteTiers
import TestSupport
import Testing

/// A tier in a directory.
@Suite struct DirectoryTierTests {
    private func withTier(_ attributes: String = "", _ body: (any RemoteTier, String) async throws -> Void) async throws
    {
        try await LocalServer.withDirectory { directory in
            try await body(open("file://\(directory)\(attributes)"), directory)
        }
    }

    @Test(arguments: ["", "|layout=flat", "|layout=bazel"]) func `keeps what it is given`(_ attributes: String)
        async throws
    {
        try await withTier(attributes) { tier, _ in try await checkRoundTrip(tier) }
    }

    @Test func `its directory says who shares what is in it`() async throws {
        try await withTier { tier, directory in
            #expect(chmod(directory, 0o2770) == 0)
            try await tier.put(key(1), [1, 2, 3], within: 30 * second)
            let found = try LocalServer.run(
                "find",
                [directory, "-mindepth", "1", "-printf", "%y %m\\n"],
                in: directory
            )
            #expect(Set(found.split(separator: "\n")) == ["d 2770", "f 660"])
        }
    }

    @Test func `one that is not mounted is not made`() async throws {
        try await withTier { tier, directory in
            try FileManager.default.removeItem(atPath: directory)
            await expectFailure(.unreachable) { () throws(TierFailure) in _ = try await tier.get(key(1), within: second)
            }
            await expectFailure(.unreachable) { () throws(TierFailure) in
                try await tier.put(key(1), [1], within: second)
            }
            #expect(!FileManager.default.fileExists(atPath: directory))
        }
    }

    @Test func `what is too long, no file or closed is a failure, and not read`() async throws {
        try await withTier("|layout=flat|max-entry=10") { tier, directory in
            await expectFailure(.tooLarge) { () throws(TierFailure) in
                try await tier.put(key(1), bytes(11), within: second)
            }
            try Data(bytes(11)).write(to: URL(fileURLWithPath: "\(directory)/\(key(1))"))
            await expectFailure(.tooLarge) { () throws(TierFailure) in _ = try await tier.get(key(1), within: second) }
            // Nobody writes into it: who read it would wait.
            #expect(mkfifo("\(directory)/\(key(2))", 0o600) == 0)
            #expect(try await tier.get(key(2), within: 30 * second) == nil)
            await tier.close()
            await expectFailure(.unreachable) { () throws(TierFailure) in _ = try await tier.get(key(1), within: second)
            }
        }
    }

    @Test func `what is asked for gets a new time once a day`() async throws {
        try await withTier("|layout=flat") { tier, directory in
            let path = "\(directory)/\(key(1))"
            try await tier.put(key(1), [1], within: 30 * second)
            let old = Date(timeIntervalSinceNow: -100_000)
            try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
            _ = try await tier.get(key(1), within: 30 * second)
            let time = try #require(FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
            #expect(time > old.addingTimeInterval(50_000))
        }
    }

    @Test func `two machines share it`() throws {
        let place = try Workshop()
        let settings = ["LARDER_REMOTE": "file://\(place.directory.path)|timeout=8"]
        let (one, other) = (try Machine(settings), try Machine(settings))
        let object = try one.compile()
        let test = try one.larder(["remote", "test"])
        #expect(test.status == 0, "\(test.outputText)\(test.errorText)")
        try one.settle()
        #expect(try other.compile() == object)
        try other.expect(remote: 1, misses: 0)
    }
}
