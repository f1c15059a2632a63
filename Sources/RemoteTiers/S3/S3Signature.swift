internal import LarderStore

/// Signs requests to S3: AWS Signature Version 4, in the `Authorization` header.
package struct S3Signature: Sendable {
    package let credentials: S3Credentials
    package let region: String

    package init(credentials: S3Credentials, region: String) {
        (self.credentials, self.region) = (credentials, region)
    }

    /// The headers to send with a request: those that were given, and all that the signature adds.
    ///
    /// `path` is encoded and starts with a slash, and there is no query. `headers` are signed, each with a name of its own
    /// and a value without spaces at its ends. `payload` is the SHA-256 of the body in hex digits.
    package func headers(
        _ method: String,
        host: String,
        path: String,
        headers: [(name: String, value: String)] = [],
        payload: String,
        unixTime: Int64
    ) -> [(name: String, value: String)] {
        let time = BasicTime(unixTime)
        var all = headers
        all.append(("Host", host))
        all.append(("x-amz-content-sha256", payload))
        all.append(("x-amz-date", time.text))
        if let token = credentials.sessionToken { all.append(("x-amz-security-token", token)) }
        let sorted = all.map { (name: $0.name.lowercased(), value: $0.value) }.sorted { $0.name < $1.name }
        let names = sorted.map(\.name).joined(separator: ";")
        let lines = sorted.map { "\($0.name):\($0.value)\n" }.joined()
        let request = "\(method)\n\(path)\n\n\(lines)\n\(names)\n\(payload)"
        let scope = "\(time.day)/\(region)/s3/aws4_request"
        let toSign = "AWS4-HMAC-SHA256\n\(time.text)\n\(scope)\n\(Self.digest(Array(request.utf8)))"
        let signature = Hexadecimal.text(Self.code(toSign, key(time.day)))
        let value =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), "
            + "Signature=\(signature)"
        all.append(("Authorization", value))
        return all
    }

    /// SHA-256 in hex digits.
    package static func digest(_ bytes: [UInt8]) -> String { Digest.of(bytes).hex }

    /// The key for one day, one region and one service.
    private func key(_ day: String) -> [UInt8] {
        [day, region, "s3", "aws4_request"].reduce(Array("AWS4\(credentials.secretKey)".utf8)) { key, word in
            Self.code(word, key)
        }
    }

    /// HMAC (RFC 2104) by SHA-256, whose block is of 64 bytes.
    private static func code(_ text: String, _ key: [UInt8]) -> [UInt8] {
        let short = key.count > 64 ? Digest.of(key).bytes : key
        let block = short + [UInt8](repeating: 0, count: 64 - short.count)
        let inner = Digest.of(block.map { $0 ^ 0x36 } + Array(text.utf8))
        return Digest.of(block.map { $0 ^ 0x5C } + inner.bytes).bytes
    }
}

/// A moment as `20130524T000000Z`, in UTC.
package struct BasicTime {
    /// Eight digits.
    package let day: String
    package let text: String

    /// From seconds since 1970.
    package init(_ unixTime: Int64) {
        let time = min(max(0, unixTime), 253_402_300_799)
        let seconds = Int(time % 86_400)
        // Days since the first of March of the year 0, so that the leap day is a year's last one.
        let days = Int(time / 86_400) + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let date = dayOfYear - (153 * month + 2) / 5 + 1
        let year = era * 400 + yearOfEra + (month < 10 ? 0 : 1)
        day = Self.digits(year, 4) + Self.digits(month < 10 ? month + 3 : month - 9, 2) + Self.digits(date, 2)
        text =
            day + "T" + Self.digits(seconds / 3600, 2) + Self.digits(seconds / 60 % 60, 2)
            + Self.digits(seconds % 60, 2) + "Z"
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
