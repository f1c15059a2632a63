import JDKCatalog
import Testing

struct WebTests {
    private func proxy(_ address: String, _ environment: [String: String]) throws -> ProxyChoice? {
        try ProxyChoice.forAddress(try #require(WebAddress(address))) { environment["\($0)"] }
    }

    @Test(arguments: ["http://a", "https://a.example:8443/x/", "http://[::1]:80", "http://user:pass@host/"])
    func `a base URL is taken`(text: String) { #expect(WebAddress(text) != nil) }

    @Test(arguments: [
        "", "a", "ftp://a", "http://", "https:///x", "http://a b", "http://a:99999", "http://[::1", "http://:80",
    ])
    func `what is no base URL is refused`(text: String) { #expect(WebAddress(text) == nil) }

    @Test func `a password is never shown`() throws {
        #expect(try #require(WebAddress("https://me:secret@host/x/")).description == "https://host/x")
    }

    @Test func `the proxy is that of the address's scheme`() throws {
        let environment = [
            "https_proxy": "http://one:3128", "HTTP_PROXY": "two:8080", "NO_PROXY": "localhost,.inside.example",
        ]
        #expect(try proxy("https://a.example", environment) == ProxyChoice("http://one:3128"))
        #expect(try proxy("http://a.example", environment) == ProxyChoice("http://two:8080"))
        #expect(try proxy("http://localhost:1", environment) == nil)
        #expect(try proxy("https://x.inside.example", environment) == nil)
        #expect(try proxy("https://notinside.example", environment) != nil)
        #expect(try proxy("https://a.example", ["ALL_PROXY": "socks5://s", "no_proxy": "b.example"]) != nil)
        #expect(try proxy("https://a.example", ["ALL_PROXY": "socks5://s", "no_proxy": "*"]) == nil)
        #expect(try proxy("https://a.example", [:]) == nil)
    }

    @Test func `a proxy that is none is an error that names its variable`() {
        let error = #expect(throws: ProxyChoice.Unusable.self) {
            try proxy("https://a.example", ["HTTPS_PROXY": "gopher://me:secret@host"])
        }
        let message = error?.description ?? ""
        #expect(message.contains("HTTPS_PROXY"))
        #expect(!message.contains("secret"))
    }

    @Test func `a wait may be a number or a date`() {
        #expect(RetryAfter.seconds("120", now: 0) == 120)
        #expect(RetryAfter.seconds("Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_770) == 7)
        #expect(RetryAfter.seconds("Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_800) == 0)
        #expect(RetryAfter.seconds("Sat, 29 Feb 2020 00:00:00 GMT", now: 1_582_934_400) == 0)
        for text in ["", "-1", "soon", "Sun, 06 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT", "99999999999999999999"] {
            #expect(RetryAfter.seconds(text, now: 0) == nil)
        }
    }
}
