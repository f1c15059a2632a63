import RemoteTiers
import TestSupport
import Testing

@Suite struct AddressTests {
    @Test func readsRedis() throws {
        let address = try TierAddress("redis://cache.lan:6379|read-only|ttl=604800|max-entry=2M")
        #expect(address.engine == .redis)
        #expect(!address.usesTLS)
        #expect(address.nodes == [.init(host: "cache.lan", port: 6379)])
        #expect(address.reads && !address.writes)
        #expect(address.ttl == 604_800)
        #expect(address.maximumEntry == 2 << 20)
        #expect(address.user == nil && address.password == nil)
        #expect(address.display == "redis://cache.lan:6379")
    }

    @Test(arguments: ["https://h/x|bogus=1", "redis://h file:///a|readonly"])
    func isSetWithKnownAttributesOnly(_ text: String) throws {
        let workshop = try Workshop()
        let refused = try workshop.larder(["config", "set", "remote", text])
        #expect(refused.status == 2 && refused.errorText.contains("known attributes"), "\(refused)")
        #expect(try workshop.larder(["config", "set", "remote", "redis://h|ttl=5|read-only file:///a"]).status == 0)
    }

    @Test func readsUsers() throws {
        #expect(try TierAddress("redis://geheim@h").password == "geheim")
        #expect(try TierAddress("redis://:geheim@h").user == nil)
        let both = try TierAddress("rediss://me:p%40%7C%3a@h/3")
        #expect(both.user == "me" && both.password == "p@|:" && both.path == "3" && both.usesTLS)
        #expect(both.display == "rediss://h:6379/3")
        let web = try TierAddress("https://me:a:b@web.example/x/y/")
        #expect(web.user == "me" && web.password == "a:b" && web.path == "x/y" && web.nodes[0].port == 443)
    }

    @Test func readsOthers() throws {
        let cluster = try TierAddress("redis+cluster://a:7000,b:7001,[::1],a:7000")
        #expect(cluster.engine == .redisCluster)
        #expect(cluster.display == "redis+cluster://a:7000,b:7001,[::1]:6379")
        let socket = try TierAddress("redis+unix:///run/redis/s.sock?db=2|write-only")
        #expect(socket.socketPath == "/run/redis/s.sock" && socket.path == "2" && !socket.reads && socket.writes)
        let web = try TierAddress("http://Web:8080|layout=bazel|bearer-token-file=/etc/token|insecure=yes")
        #expect(web.layout == .bazel && web.bearerTokenFile == "/etc/token" && web.isInsecureAllowed)
        #expect(web.nodes == [.init(host: "web", port: 8080)])
        #expect(web.maximumEntry == 64 << 20 && web.layout == .bazel)
        let amazon = try TierAddress("s3://larder-cache/builds/a|region=eu-central-1")
        #expect(amazon.nodes == [.init(host: "s3.eu-central-1.amazonaws.com", port: 443)])
        #expect(amazon.usesTLS && !amazon.usesPathStyle)
        #expect(amazon.bucket == "larder-cache" && amazon.prefix == "builds/a")
        let own = try TierAddress("s3://bucket|endpoint=http://minio:9000|anonymous=yes|style=host")
        #expect(!own.usesTLS && own.isAnonymous && !own.usesPathStyle)
        #expect(try TierAddress("s3://my.dotted.bucket").usesPathStyle)
        #expect(try TierAddress("s3://bucket|endpoint=https://minio:9000").usesPathStyle)
        let files = try TierAddress("rediss://h|password-file=/p|ca-file=/a|cert-file=/c|key-file=/k")
        #expect(files.passwordFile == "/p" && files.authorityFile == "/a" && files.keyFile == "/k")
    }

    @Test(arguments: [
        "", "|", "redis", "redis:/h", "gopher://h", "redis://", "redis://:Geheim9@", "redis://h:0", "redis://h:65536",
        "redis://h:+1", "redis://h:Geheim9", "redis://u:Geheim9", "redis://u:Geheim9/x@h", "redis://Geheim9/x@h",
        "redis://u:Ge?heim9@h", "redis://u:Ge#heim9@h", "redis://u:Geheim9|x@h", "redis://:Geheim9%4@h",
        "redis://:Geheim9%zz@h", "redis://:Geheim9%ff@h", "redis://u:Geheim9 @h", "redis://u:Geheim9\u{7}@h",
        "redis://u:Geheim9é@h", "redis://h/Geheim9", "redis://h/-1", "redis://a,b", "http://a,b", "redis+cluster://a,",
        "redis+cluster://a/1", "redis://[::1", "redis://[::1]x", "redis://[Geheim9]", "redis://[1::2::3]",
        "redis+unix://h/s", "file://h/s", "file:///", "file:///a/../b", "file:///a|ttl=5", "file://u@/a",
        "redis+unix:///", "redis+unix:///s?x=1", "http://h/a?Geheim9=1", "http://h/%zz",
        "http://u:p@h/a/../b", "http://h/a b", "s3://", "s3://Up", "s3://ab", "s3://Geheim9:x@bucket",
        "s3://bucket/%20", "redis://h|ttl=0", "redis://h|ttl=-1", "redis://h|ttl=x", "redis://h|ttl",
        "redis://h|ttl=99999999999999999999", "redis://h|max-entry=0", "redis://h|max-entry=9G",
        "redis://h|max-entry=M",
        "redis://h|max-entry=99999999999999999G", "redis://h|max-entry=1T", "redis://h|read-only=yes", "redis://h|",
        "redis://h|read-only|write-only", "redis://h|read-only|read-only", "redis://h|Geheim9=1",
        "redis://h|layout=flat",
        "http://h|layout=Geheim9", "http://h|ttl=1", "http://h|insecure=Geheim9", "http://h|cert-file=/a",
        "https://h|cert-file=/a", "http://h|ca-file=/a", "http://u:Geheim9@h|bearer-token-file=/t",
        "redis://:Geheim9@h|password-file=/p", "s3://bucket|endpoint=x", "s3://bucket|endpoint=http://u:Geheim9@h",
        "s3://bucket|endpoint=https://h/x", "s3://bucket|style=x", "s3://bucket|region=a.b",
        "s3://bucket|endpoint=http://10.0.0.1|style=host", "s3://bucket|password-file=/p",
    ])
    func refuses(_ text: String) {
        let problem = #expect(throws: TierAddress.Problem.self) { try TierAddress(text) }
        let said = problem?.description ?? ""
        #expect(said.hasSuffix("."))
        #expect(!said.lowercased().contains("heim9") && !said.contains("Ge"), "\(said)")
    }

    @Test(arguments: [
        "redis://u:Geheim9@h/1|ttl=5", "redis://Geheim9@h", "http://u:Geheim9@h/x", "https://Geheim9@h",
        "rediss+cluster://:Geheim9@a,b", "redis+unix://:Geheim9@localhost/s",
    ])
    func showsNoPassword(_ text: String) throws {
        let address = try TierAddress(text)
        #expect(!address.display.contains("Geheim9"))
        #expect(!address.display.contains("@"))
    }

    @Test(arguments: [
        "localhost", "127.0.0.1", "127.9.9.9", "10.1.2.3", "192.168.0.1", "172.16.0.1", "172.31.255.255", "169.254.1.1",
        "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "cache", "cache.lan", "a.b.local", "a.internal",
        "a.home.arpa", "CACHE.LAN", "cache.lan.",
    ])
    func isPrivate(_ host: String) throws {
        #expect(try !TierAddress("redis://\(host)").isPlainBeyondPrivateNetworks)
        #expect(try !TierAddress("http://\(host)/x").isPlainBeyondPrivateNetworks)
    }

    @Test(arguments: [
        "example.com", "8.8.8.8", "172.32.0.1", "172.15.0.1", "192.169.0.1", "11.0.0.1", "[2001:db8::1]",
        "[::ffff:8.8.8.8]", "[::]", "0.0.0.0", "134744072", "0x08080808", "010.0.0.1", "10.1", "lan", "notlan.xlan",
        "10.0.0.1.example.com", "127.0.0.1.nip.io", "fd00.example", "local.example.org",
    ])
    func isPublic(_ host: String) throws {
        // A word without dots is private, whatever it is.
        let expected = host != "lan"
        #expect(try TierAddress("redis://\(host)").isPlainBeyondPrivateNetworks == expected)
        #expect(try !TierAddress("rediss://\(host)").isPlainBeyondPrivateNetworks)
    }

    @Test func oneHostIsEnough() throws {
        #expect(try TierAddress("redis+cluster://a,b.example.com").isPlainBeyondPrivateNetworks)
        #expect(try TierAddress("s3://bucket|endpoint=http://s3.example.com").isPlainBeyondPrivateNetworks)
        #expect(try !TierAddress("s3://bucket").isPlainBeyondPrivateNetworks)
        #expect(try !TierAddress("redis+unix:///s").isPlainBeyondPrivateNetworks)
    }

    @Test func keysBecomePaths() throws {
        let digits = String(repeating: "ab", count: 32)
        let rest = digits.dropFirst(2)
        let plain = try TierKey(digits)
        let spaced = try TierKey("my-team-\(digits)")
        #expect(plain.path(.subdirs) == "ab/\(rest)")
        #expect(spaced.path(.subdirs) == "my-team/ab/\(rest)")
        #expect(plain.path(.flat) == digits && spaced.path(.flat) == "my-team-\(digits)")
        #expect(plain.path(.bazel) == "ac/\(digits)" && spaced.path(.bazel) == "my-team/ac/\(digits)")
        for bad in ["", "a", "-\(digits)", "a\(digits)", "../-\(digits)", "A-\(digits)", digits + "\r", "x-\(rest)"] {
            #expect(throws: TierFailure.self) { try TierKey(bad) }
        }
    }

    @Test func secretsHaveToBeThere() throws {
        for text in [
            "http://h|bearer-token-file=/t", "redis://h|password-file=/t", "rediss://h|ca-file=/t", "s3://bucket",
            "rediss://h|cert-file=/c|key-file=/k",
        ] {
            let address = try TierAddress(text)
            #expect(throws: TierFailure.self) { _ = try Tiers.open(address, TierSecrets(), unixTime: { 0 }) }
        }
        let https = try TierAddress("https://h")
        #expect(throws: TierFailure.self) {
            _ = try Tiers.open(https, TierSecrets(authority: Array("x".utf8)), unixTime: { 0 })
        }
        #expect(throws: TierFailure.self) {
            _ = try Tiers.open(https, TierSecrets(bearerToken: "a\r\nX: y"), unixTime: { 0 })
        }
    }
}
