import RemoteStore
import Testing

/// The file in which tools for AWS keep what a user signs with.
@Suite struct SharedCredentialsTests {
    private let text = """
        # mine
        [default]
        aws_access_key_id = ONE
        aws_secret_access_key=secret/with=equals
        [ci]
          aws_access_key_id =  TWO\t
        aws_secret_access_key = other
        aws_session_token = token
        [half]
        aws_access_key_id = THREE
        """

    @Test func `each profile has its own lines`() {
        let first = SharedCredentials(text, profile: "default")
        #expect(first?.accessKey == "ONE" && first?.secretKey == "secret/with=equals" && first?.sessionToken == nil)
        let second = SharedCredentials(text, profile: "ci")
        #expect(second?.accessKey == "TWO" && second?.secretKey == "other" && second?.sessionToken == "token")
    }

    @Test func `what is not whole is nothing`() {
        for profile in ["half", "none", ""] { #expect(SharedCredentials(text, profile: profile) == nil) }
        #expect(SharedCredentials("", profile: "default") == nil)
    }
}
