/// One tier.
///
/// Safe to use from many tasks at once.
///
/// Keys have lower case letters, digits and hyphens alone, and end in 64 hex digits: `team1-ab12…` or just `ab12…`.
/// A task that is cancelled does not end any sooner: the time that is given does that.
package protocol RemoteTier: Sendable {
    /// The value of `key`, or nil when it is not there.
    ///
    /// Ends within so many `nanoseconds`, whatever the server does. A value that is larger than the address allows is a
    /// failure of the kind `tooLarge`, and is not read.
    func get(_ key: String, within nanoseconds: Int64) async throws(TierFailure) -> [UInt8]?

    /// Stores `value` under `key`, in the place of what was there.
    ///
    /// Ends within so many `nanoseconds`. After a failure the value may be there all the same.
    func put(_ key: String, _ value: [UInt8], within nanoseconds: Int64) async throws(TierFailure)

    /// Closes all connections. What is still being done fails, and so does all that comes later.
    func close() async
}
