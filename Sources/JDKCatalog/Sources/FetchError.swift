/// Why a document could not be fetched: one sentence without a full stop.
package struct FetchError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// The server could not be reached, or broke off.
        case unreachable
        /// It answered with something else than the document.
        case refused(status: Int)
        /// The environment names a proxy that cannot be used.
        case misconfigured
        /// What it sent is not what it should be.
        case unusable
        /// Somebody asked us to stop.
        case cancelled
    }

    package let kind: Kind
    package let description: String

    init(_ kind: Kind, _ description: String) { (self.kind, self.description) = (kind, description) }

    static let cancelled = FetchError(.cancelled, "the refresh was cancelled")

    /// What `url` holds is not the document that it should be.
    static func unusable(_ url: String, _ reason: some CustomStringConvertible) -> FetchError {
        FetchError(.unusable, "\(WebAddress.shown(url)) cannot be used: \(reason)")
    }
}

/// What is told while a refresh is under way.
package enum RefreshEvent: Sendable, Equatable {
    /// A source is asked now.
    case asking(source: String, location: String)
    /// So many of its documents have come.
    case fetched(Int, of: Int)
    /// The next attempt comes after a pause, in seconds.
    case pausing(seconds: Double, reason: String)
    /// A source gave no catalogue; the next one is asked, if there is one.
    case failed(source: String, reason: String)
}
