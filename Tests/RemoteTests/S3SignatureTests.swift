import RemoteTiers
import Testing

/// By the examples of "Authenticating Requests: Using the Authorization Header" in Amazon's documentation of S3.
@Suite struct S3SignatureTests {
    private let signature = S3Signature(
        credentials: S3Credentials(
            accessKey: "AKIAIOSFODNN7EXAMPLE",
            secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        ),
        region: "us-east-1"
    )
    private let host = "examplebucket.s3.amazonaws.com"
    private let unixTime: Int64 = 1_369_353_600

    @Test func getObject() {
        let headers = signature.headers(
            "GET",
            host: host,
            path: "/test.txt",
            headers: [("Range", "bytes=0-9")],
            payload: S3Signature.digest([]),
            unixTime: unixTime
        )
        #expect(
            headers.last?.value
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        )
    }

    @Test func putObject() {
        let headers = signature.headers(
            "PUT",
            host: host,
            path: "/" + PercentCoding.encoded("test$file.text"),
            headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            payload: S3Signature.digest(Array("Welcome to Amazon S3.".utf8)),
            unixTime: unixTime
        )
        #expect(
            headers.last?.value
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
                + "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        )
    }

    @Test func signsTheSessionToken() {
        var signature = signature
        signature = S3Signature(
            credentials: S3Credentials(accessKey: "a", secretKey: "b", sessionToken: "t"),
            region: signature.region
        )
        let headers = signature.headers("GET", host: host, path: "/", payload: "", unixTime: unixTime)
        #expect(headers.contains { $0.name == "x-amz-security-token" && $0.value == "t" })
        #expect(headers.last?.value.contains("x-amz-date;x-amz-security-token,") == true)
    }

    @Test(
        arguments: [
            (0, "19700101T000000Z"), (1_369_353_600, "20130524T000000Z"), (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"), (951_868_800, "20000301T000000Z"), (1_735_689_599, "20241231T235959Z"),
            (4_107_542_400, "21000301T000000Z"), (-5, "19700101T000000Z"),
        ] as [(Int64, String)]
    )
    func time(_ unixTime: Int64, _ text: String) { #expect(BasicTime(unixTime).text == text) }

    @Test(arguments: [
        ("s3://bucket/a=b", "bucket.s3.us-east-1.amazonaws.com", "/a%3Db/"),
        ("s3://bucket|endpoint=http://minio:9000", "minio:9000", "/bucket/"),
        ("s3://bucket|endpoint=https://[fd00::1]", "[fd00::1]", "/bucket/"),
        ("s3://bucket/x|endpoint=https://o.lan:8443|style=host", "bucket.o.lan:8443", "/x/"),
        ("s3://bucket|region=eu-west-1|style=path", "s3.eu-west-1.amazonaws.com", "/bucket/"),
    ])
    func places(_ text: String, _ host: String, _ base: String) throws {
        let address = try TierAddress(text)
        #expect(HTTPExchange.host(S3Tier.node(address), address) == host)
        #expect(S3Tier.base(address) == base)
    }

    @Test func base64() {
        for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("\u{ff}~~?", "w79+fj8=")] {
            #expect(Base64.text(Array(plain.utf8)) == text)
        }
    }
}
