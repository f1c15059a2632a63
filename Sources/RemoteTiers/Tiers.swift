/// All kinds of tiers.
package enum Tiers {
    /// A tier for `address`, which is not spoken to before it is used.
    ///
    /// `unixTime` is the wall clock in seconds; S3 signs it. Fails when the secrets do not fit.
    package static func open(
        _ address: TierAddress,
        _ secrets: TierSecrets,
        unixTime: @escaping @Sendable () -> Int64
    ) throws(TierFailure) -> any RemoteTier {
        let dialer = try Dialer(address, secrets)
        switch address.engine {
        case .redis, .redisCluster: return RedisTier(address, try RedisDialer(address, secrets, dialer))
        case .http: return HTTPTier(address, try HTTPAuthorization(address, secrets), dialer)
        case .directory: return DirectoryTier(address, dialer)
        case .s3: return S3Tier(address, try S3Keys(address, secrets, dialer), dialer, unixTime)
        }
    }
}
