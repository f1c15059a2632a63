import Foundation
import TestSupport
import Testing

/// `larder-jdk` against a server that behaves.
struct RefreshTests {
    let world = World()

    @Test func `a mirror comes first and sends what this platform needs`() throws {
        let (mirror, foojay) = (try MetadataServer(world.mirror), try MetadataServer(world.foojay))
        let shop = try JDKWorkshop(mirror: mirror.url, foojay: foojay.url)
        let outcome = try shop.jdk("refresh")
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(foojay.requests.isEmpty)
        // The index and a file for each distribution; nothing is asked for twice, only to see whether it is there.
        #expect(mirror.requests.count == 1 + world.distributions.count)
        #expect(mirror.count("/index.json") == 1)
        let found = try JDKWorkshop.elements(shop.jdk("search", "--json", "temurin@21"))
        #expect(found.count == world.updates.count)
        let package = try #require(found[0]["package"] as? [String: Any])
        #expect(package["java_version"] as? String == "21.0.3+8")
        #expect(package["lib_c_type"] as? String == "glibc")
        #expect(package["checksum_type"] as? String == "sha256")
    }

    @Test func `all platforms come when they are asked for`() throws {
        let mirror = try MetadataServer(world.mirror)
        let shop = try JDKWorkshop(mirror: mirror.url)
        try shop.jdk("refresh")
        let narrow = try shop.jdk("search", "--offline", "--os", "macos", "21")
        #expect(narrow.outputText.isEmpty)
        #expect(narrow.errorText.contains("was fetched for linux/"))
        #expect(narrow.errorText.contains("--all-platforms"))
        #expect(try shop.jdk("refresh", "--all-platforms").status == 0)
        #expect(try shop.jdk("search", "--os", "macos", "--arch", "aarch64", "21").outputText.contains("macos/aarch64"))
    }

    @Test func `a search fetches for the platform that it is about, and keeps what there was`() throws {
        let mirror = try MetadataServer(world.mirror)
        let shop = try JDKWorkshop(mirror: mirror.url)
        let mac = ["search", "--quiet", "--os", "macos", "--arch", "aarch64", "21"]
        #expect(try shop.jdk(mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], mac[6]).outputText.contains("macos/"))
        #expect(mirror.requests.count == 1 + world.distributions.count)
        #expect(try !shop.jdk("search", "--quiet", "21").outputText.isEmpty)
        let count = mirror.requests.count
        #expect(try shop.jdk(mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], mac[6]).outputText.contains("macos/"))
        #expect(mirror.requests.count == count)
        #expect(try shop.jdk("search", "--quiet", "--all-platforms", "--detailed", "21").outputText.contains("windows"))
        #expect(try shop.jdk("info").outputText.contains("all"))
    }

    @Test func `a young catalogue for less is no reason not to fetch all`() throws {
        let mirror = try MetadataServer(world.mirror)
        let shop = try JDKWorkshop(mirror: mirror.url)
        try shop.jdk("refresh")
        #expect(try shop.jdk("refresh", "--all-platforms", "--if-stale").status == 0)
        let count = mirror.requests.count
        #expect(count == 2 + world.distributions.count * (1 + world.platforms.count))
        #expect(try shop.jdk("refresh", "--if-stale").status == 0)
        #expect(mirror.requests.count == count)
    }

    @Test func `without a mirror the API is asked for each distribution`() throws {
        let foojay = try MetadataServer(world.foojay)
        let shop = try JDKWorkshop(foojay: foojay.url)
        let outcome = try shop.jdk("refresh")
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(outcome.outputText.contains("\(world.count) packages of 5 distributions"))
        #expect(foojay.requests.count == 1 + world.distributions.count)
        #expect(foojay.requests.allSatisfy { $0.headers["user-agent"]?.hasPrefix("larder-jdk/") == true })
        let info = try shop.jdk("info", "--json").outputText
        #expect(info.contains("\"source\": \"foojay\""))
        #expect(info.contains("\"fresh\": true"))
    }

    @Test func `what did not change does not come again`() throws {
        let foojay = try MetadataServer(world.foojay)
        let shop = try JDKWorkshop(foojay: foojay.url)
        try shop.jdk("refresh")
        let before = try Data(contentsOf: shop.catalogue)
        #expect(try shop.jdk("refresh").status == 0)
        let again = foojay.requests.dropFirst(1 + world.distributions.count)
        #expect(again.count == 1 + world.distributions.count)
        #expect(again.allSatisfy { $0.headers["if-none-match"] != nil })
        // Only the line that says when it was written may differ.
        let after = try Data(contentsOf: shop.catalogue)
        #expect(after.drop { $0 != 10 } == before.drop { $0 != 10 })
    }

    @Test func `a mirror whose index is as it was is asked whether its files are`() throws {
        let hasChanged = Flag()
        let mirror = try MetadataServer { [world] request in
            hasChanged.isSet && request.path.hasSuffix("zulu.json")
                ? .document(world.mirrorFile("zulu", platform: 0).replacing("21", with: "23")) : world.mirror(request)
        }
        let shop = try JDKWorkshop(mirror: mirror.url)
        try shop.jdk("refresh")
        let count = mirror.requests.count
        #expect(try shop.jdk("refresh").status == 0)
        let again = mirror.requests.dropFirst(count)
        #expect(again.count == count)
        #expect(again.first?.headers["if-modified-since"] == "Thu, 01 Jan 2026 00:00:00 GMT")
        #expect(again.dropFirst().allSatisfy { $0.headers["if-none-match"] != nil })
        #expect(try !shop.jdk("search", "21").outputText.isEmpty)
        hasChanged.set()
        #expect(try shop.jdk("refresh").status == 0)
        #expect(try !shop.jdk("search", "--offline", "zulu@23").outputText.isEmpty)
        #expect(try !shop.jdk("search", "--offline", "corretto@21").outputText.isEmpty)
    }

    @Test func `of what changed only that comes`() throws {
        let mirror = try MetadataServer { [world] request in
            if request.path == "/index.json" { return .document(world.mirrorIndex) }
            if request.path.hasSuffix("zulu.json") {
                return .document(world.mirrorFile("zulu", platform: 0).replacing("21", with: "23"))
            }
            return world.mirror(request)
        }
        let shop = try JDKWorkshop(mirror: mirror.url)
        try shop.jdk("refresh")
        #expect(try shop.jdk("refresh").status == 0)
        let conditional = mirror.requests.suffix(1 + world.distributions.count).filter {
            $0.headers["if-none-match"] != nil
        }
        #expect(conditional.count == world.distributions.count - 1)
        #expect(try JDKWorkshop.elements(shop.jdk("search", "--json", "zulu@23")).count > 0)
        #expect(try JDKWorkshop.elements(shop.jdk("search", "--json", "temurin@21")).count == 4)
    }

    @Test func `a search fetches what is missing, and later only reads`() throws {
        let foojay = try MetadataServer(world.foojay)
        let shop = try JDKWorkshop(foojay: foojay.url)
        #expect(try !shop.jdk("search", "--quiet", "corretto@21").outputText.isEmpty)
        let count = foojay.requests.count
        #expect(try !shop.jdk("search", "corretto@17").outputText.isEmpty)
        #expect(try shop.jdk("refresh", "--if-stale").status == 0)
        #expect(foojay.requests.count == count)
    }

    @Test func `a catalogue of last month is refreshed, and read as it is where that fails`() throws {
        let foojay = try MetadataServer(world.foojay)
        let shop = try JDKWorkshop(foojay: foojay.url)
        let file = shop.shop.url("old.json")
        try shop.shop.write(world.foojayPackages(of: "temurin"), to: "old.json")
        #expect(try shop.jdk("import", file.path).status == 0)
        try shop.age(days: 31)
        let offline = try shop.jdk("search", "--offline", "temurin@21")
        #expect(!offline.outputText.isEmpty)
        #expect(foojay.requests.isEmpty)
        let failing = try shop.jdk("search", "temurin@21", environment: ["LARDER_JDK_FOOJAY_URL": "http://127.0.0.1:1"])
        #expect(failing.status == 0)
        #expect(failing.errorText.contains("31 days ago"))
        #expect(failing.outputText == offline.outputText)
        #expect(try !shop.jdk("search", "corretto@21").outputText.isEmpty)
        #expect(!foojay.requests.isEmpty)
    }

    @Test func `what lies in the future counts as old`() throws {
        let foojay = try MetadataServer(world.foojay)
        let shop = try JDKWorkshop(foojay: foojay.url)
        try shop.jdk("refresh")
        try shop.age(days: -3)
        let count = foojay.requests.count
        try shop.jdk("search", "21")
        #expect(foojay.requests.count > count)
    }

    @Test func `a redirect is followed`() throws {
        let real = try MetadataServer(world.foojay)
        let url = real.url
        let front = try MetadataServer { .status(302, headers: ["location": url + $0.path]) }
        let shop = try JDKWorkshop(foojay: front.url)
        #expect(try shop.jdk("refresh").status == 0)
    }

    @Test func `a proxy is used, and left out where the environment says so`() throws {
        let foojay = try MetadataServer(world.foojay)
        let proxy = try MetadataServer { _ in .status(403) }
        let shop = try JDKWorkshop(foojay: "http://jdks.example")
        let place = proxy.url.replacing("http://", with: "http://me:s%65cret@")
        let refused = try shop.jdk("refresh", environment: ["http_proxy": place])
        #expect(refused.status == 69)
        #expect(!refused.errorText.contains("cret"), "\(refused.errorText)")
        // A tunnel is asked for, also where the source is no https.
        #expect(proxy.requests[0].path == "jdks.example:80")
        #expect(proxy.requests[0].headers["proxy-authorization"] == "Basic bWU6c2VjcmV0")

        let direct = ["http_proxy": proxy.url, "no_proxy": "127.0.0.1", "LARDER_JDK_FOOJAY_URL": foojay.url]
        let count = proxy.requests.count
        #expect(try shop.jdk("refresh", environment: direct).status == 0)
        #expect(proxy.requests.count == count)
        let wrong = try shop.jdk("refresh", environment: ["http_proxy": "nonsense://x"])
        #expect(wrong.status == 2)
        #expect(wrong.errorText.contains("http_proxy"))
    }
}

extension JDKWorkshop {
    /// Makes the catalogue look as if it had been written `days` ago.
    func age(days: Int) throws {
        try SnapshotClock.shift(catalogue, milliseconds: -Int64(days) * 86_400_000)
    }
}
