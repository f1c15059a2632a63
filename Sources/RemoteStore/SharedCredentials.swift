internal import Files

/// The file in which tools for AWS keep what a user signs with: `~/.aws/credentials`.
package struct SharedCredentials {
    package var accessKey: String
    package var secretKey: String
    package var sessionToken: String?

    /// Those of the profile that `AWS_PROFILE` names, or of `default`; nil where there are none.
    static func profile() -> SharedCredentials? {
        let given = Environment.text("AWS_SHARED_CREDENTIALS_FILE")
        guard let path = given ?? Environment.text("HOME").map({ "\($0)/.aws/credentials" }),
            let bytes = try? SmallFile.read(Path(bytes: Array(path.utf8)))
        else { return nil }
        return SharedCredentials(
            String(decoding: bytes, as: UTF8.self),
            profile: Environment.text("AWS_PROFILE") ?? "default"
        )
    }

    /// Reads the lines of one section: `name = value`.
    package init?(_ text: String, profile: String) {
        var values: [Substring: String] = [:]
        var isInside = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = Self.trimmed(line)
            if line.first == "[" {
                isInside = line == "[\(profile)]"
            } else if isInside, let equals = line.firstIndex(of: "=") {
                values[Self.trimmed(line[..<equals])] = String(Self.trimmed(line[line.index(after: equals)...]))
            }
        }
        guard let key = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else { return nil }
        (accessKey, secretKey, sessionToken) = (key, secret, values["aws_session_token"])
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
