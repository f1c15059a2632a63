import Foundation
import Synchronization
import TestSupport
import Testing

/// `larder-jdk` against servers that do what servers should not.
struct MisbehaviourTests {
    let world = World()

    /// A server that is asked once, then misbehaves, with a good catalogue in the cache already.
    private func afterGoodRefresh(
        _ reply: MetadataServer.Reply,
        _ words: [String] = []
    ) throws -> (outcome: (status: Int32, errors: String), requests: Int) {
        let isBad = Flag()
        let server = try MetadataServer { [world] request in isBad.isSet ? reply : world.foojay(request) }
        let shop = try JDKWorkshop(foojay: server.url)
        #expect(try shop.jdk("refresh").status == 0)
        let before = try Data(contentsOf: shop.catalogue)
        let count = server.requests.count
        isBad.set()
        let outcome = try shop.shop.run(
            [JDKWorkshop.program.path, "refresh"] + words,
            environment: shop.base
        )
        #expect(try Data(contentsOf: shop.catalogue) == before, "a good catalogue was replaced")
        #expect(shop.leftovers().isEmpty)
        #expect(try !shop.jdk("search", "--offline", "21").outputText.isEmpty)
        return ((outcome.status, outcome.errorText), server.requests.count - count)
    }

    @Test func `a server error is retried and then told`() throws {
        let (outcome, requests) = try afterGoodRefresh(.status(500))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("answered with 500"))
        #expect(outcome.errors.contains("; the catalogue of "))
        #expect(outcome.errors.contains(" stays\n"))
        #expect(requests == 3)
    }

    @Test func `a connection that is refused is no long wait`() throws {
        let shop = try JDKWorkshop(foojay: "http://127.0.0.1:1")
        let started = ContinuousClock.now
        let outcome = try shop.jdk("refresh")
        #expect(outcome.status == 69)
        #expect(outcome.errorText.contains("Connection refused"))
        #expect(ContinuousClock.now - started < .seconds(60))
    }

    @Test func `a refusal is not retried`() throws {
        let (outcome, requests) = try afterGoodRefresh(.status(403))
        #expect(outcome.status == 1)
        #expect(requests == 1)
    }

    @Test func `a server that wants to be left alone for too long is left alone`() throws {
        let (outcome, requests) = try afterGoodRefresh(.status(429, headers: ["retry-after": "3600"]))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("3600 seconds"))
        #expect(requests == 1)
    }

    @Test func `an answer that is cut off is no answer`() throws {
        let (outcome, requests) = try afterGoodRefresh(.cutOff("{\"result\": [{\"name\": \"Temurin\", "))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("broke off"), "\(outcome.errors)")
        #expect(requests == 3)
    }

    @Test func `a server that falls silent is given up`() throws {
        let started = ContinuousClock.now
        let (outcome, requests) = try afterGoodRefresh(.silent("{\"result\": ["), ["--timeout", "5"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("fell silent"), "\(outcome.errors)")
        #expect(requests == 3)
        #expect(ContinuousClock.now - started < .seconds(120))
    }

    @Test func `a server that drips is given up as well`() throws {
        let (outcome, requests) = try afterGoodRefresh(.dripping, ["--timeout", "5"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("took too long"), "\(outcome.errors)")
        #expect(requests == 1)
    }

    @Test(arguments: [
        "", "<html>not found</html>", "{\"result\": [", "{\"message\": \"no result\"}", "[]", "{\"result\": {}}",
        "{\"result\": [{\"name\": 1}]}", "{\"result\": []}",
    ])
    func `what is not the document it should be is refused`(text: String) throws {
        let (outcome, requests) = try afterGoodRefresh(.document(text))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("cannot be used"))
        #expect(requests == 1)
    }

    @Test func `a body without end is not read to its end`() throws {
        let (outcome, requests) = try afterGoodRefresh(.huge(160 << 20))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("larger than 128 MiB"), "\(outcome.errors)")
        #expect(requests == 1)
    }

    @Test func `an endless redirect ends`() throws {
        let (outcome, _) = try afterGoodRefresh(.status(302, headers: ["location": "/v3.0/distributions"]))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("redirects without end"), "\(outcome.errors)")
    }

    @Test func `a pause that the server asks for is kept`() throws {
        let once = Flag()
        let server = try MetadataServer { [world] request in
            if !once.isSet {
                once.set()
                return .status(429, headers: ["retry-after": "2"])
            }
            return world.foojay(request)
        }
        let shop = try JDKWorkshop(foojay: server.url)
        let started = ContinuousClock.now
        let outcome = try shop.jdk("refresh")
        #expect(outcome.status == 0)
        #expect(ContinuousClock.now - started >= .seconds(2))
        #expect(outcome.errorText.contains("trying again in 2.0 s"))
    }

    @Test func `one document that fails fails the whole`() throws {
        let server = try MetadataServer { [world] request in
            request.path.contains("distro=zulu") ? .status(404) : world.foojay(request)
        }
        let shop = try JDKWorkshop(foojay: server.url)
        #expect(try shop.jdk("refresh").status == 69)
        #expect(!FileManager.default.fileExists(atPath: shop.catalogue.path))
    }

    @Test func `an API that names distributions and has no package replaces nothing`() throws {
        let isEmpty = Flag()
        let server = try MetadataServer { [world] request in
            isEmpty.isSet && request.path.contains("packages") ? .document("{\"result\": []}") : world.foojay(request)
        }
        let shop = try JDKWorkshop(foojay: server.url)
        try shop.jdk("refresh")
        let before = try Data(contentsOf: shop.catalogue)
        isEmpty.set()
        let outcome = try shop.jdk("refresh")
        #expect(outcome.status == 1)
        #expect(outcome.errorText.contains("offers no packages"), "\(outcome.errorText)")
        #expect(try Data(contentsOf: shop.catalogue) == before)
    }

    @Test(arguments: ["{\"result\": [{\"name\": 1}, 2]}", "{\"result\": [null]}"])
    func `a list of which nothing can be read is not an empty one`(list: String) throws {
        let isBad = Flag()
        let server = try MetadataServer { [world] request in
            isBad.isSet && request.path.contains("distro=zulu") ? .document(list) : world.foojay(request)
        }
        let shop = try JDKWorkshop(foojay: server.url)
        try shop.jdk("refresh")
        let before = try Data(contentsOf: shop.catalogue)
        isBad.set()
        let outcome = try shop.jdk("refresh")
        #expect(outcome.status == 1)
        #expect(outcome.errorText.contains("none of its packages can be read"))
        #expect(try Data(contentsOf: shop.catalogue) == before)
        let mirror = try MetadataServer { [world] request in
            request.path.hasSuffix("zulu.json") ? .document("[{\"x\": 1}]") : world.mirror(request)
        }
        #expect(try JDKWorkshop(mirror: mirror.url).jdk("refresh").status == 69)
    }

    @Test func `what cannot be unpacked is one sentence and not tried again`() throws {
        let (outcome, requests) = try afterGoodRefresh(.document("no gzip", headers: ["content-encoding": "gzip"]))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("cannot be unpacked"), "\(outcome.errors)")
        #expect(requests == 1)
    }

    @Test func `where the mirror fails the API is asked`() throws {
        let (mirror, foojay) = (try MetadataServer { _ in .status(503) }, try MetadataServer(world.foojay))
        let shop = try JDKWorkshop(mirror: mirror.url, foojay: foojay.url)
        let outcome = try shop.jdk("refresh", "--quiet")
        #expect(outcome.status == 0)
        #expect(outcome.outputText.isEmpty)
        #expect(outcome.errorText.contains("mirror gave no catalogue"))
        #expect(try shop.jdk("info").outputText.contains("foojay"))
    }

    @Test(arguments: ["../../etc/passwd", "/etc/passwd", "http://elsewhere.example/x", "a//b", "a?b"])
    func `an index that leads out of its mirror is refused`(path: String) throws {
        let mirror = try MetadataServer { request in
            request.path == "/index.json" ? .document("{\"files\": [{\"path\": \"\(path)\"}]}") : .status(404)
        }
        let shop = try JDKWorkshop(mirror: mirror.url)
        #expect(try shop.jdk("refresh").status == 69)
        #expect(mirror.requests.count == 1)
    }

    @Test func `nothing reachable and nothing cached is one sentence and the status 69`() throws {
        let shop = try JDKWorkshop(foojay: "http://127.0.0.1:1")
        let outcome = try shop.jdk("search", "--quiet", "21")
        #expect(outcome.status == 69)
        #expect(outcome.outputText.isEmpty)
        #expect(outcome.errorText.split(separator: "\n").count == 1)
        #expect(outcome.errorText.contains("Connection refused"))
        let off = try JDKWorkshop().jdk("search", "21")
        #expect(off.status == 69)
        #expect(off.errorText.contains("switched off"))
        let offline = try shop.jdk("search", "--offline", "21")
        #expect(offline.status == 69)
        #expect(offline.errorText.contains("--offline"))
    }
}

/// Something that is set once.
final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
