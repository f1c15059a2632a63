public import Files

/// Why the store could not do what it was asked; one sentence a person can act on.
///
/// Never thrown because an entry is missing or damaged: that is a miss.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come, so switch with a default.
    public struct Code: Hashable, Sendable {
        private enum Known: String { case io, corrupt, noSpace, readOnly, version, foreign, changed, locked, tooLarge }
        private let known: Known

        /// A system call failed.
        public static let io = Code(known: .io)
        /// The bytes of an entry are not those that were published.
        public static let corrupt = Code(known: .corrupt)
        /// The disk is full, or as full as the free-space floor allows.
        public static let noSpace = Code(known: .noSpace)
        /// The cache was opened read-only, or this user may not write there.
        public static let readOnly = Code(known: .readOnly)
        /// The directory holds a cache in another format.
        public static let version = Code(known: .version)
        /// The directory holds files that are not a cache's, and no cache.
        public static let foreign = Code(known: .foreign)
        /// A file changed while it was being published.
        public static let changed = Code(known: .changed)
        /// Another process holds the lock that this needs.
        public static let locked = Code(known: .locked)
        /// A part is larger than what readers accept.
        public static let tooLarge = Code(known: .tooLarge)

        /// The code in one word, for machines.
        public var name: String { known.rawValue }
    }

    /// What kind of failure it is.
    public let code: Code
    /// The file or directory that it is about.
    public let path: Path?
    /// The system call behind it.
    public let underlying: SystemError?
    /// What the code alone does not say.
    private let detail: String?

    package init(_ code: Code, at path: Path? = nil, underlying: SystemError? = nil, detail: String? = nil) {
        (self.code, self.path, self.underlying, self.detail) = (code, path, underlying, detail)
    }

    /// The failure of a system call, under the code that tells the user most.
    package init(_ error: SystemError, at path: Path? = nil) {
        let code: Code = error.isOutOfSpace ? .noSpace : error.isRefusal ? .readOnly : .io
        self.init(code, at: error.path ?? path, underlying: error)
    }

    /// What happened, where, and what to do about it.
    public var description: String {
        let place = path.map { "\($0)" } ?? "the cache"
        let cause = underlying.map { " (\($0))" } ?? detail.map { " (\($0))" } ?? ""
        return switch code {
        case .corrupt: "\(place) is damaged\(cause); it counts as a miss, and `larder verify` removes all such entries"
        case .noSpace: "no space left for \(place)\(cause); free some, or lower LARDER_MAX_SIZE and run `larder gc`"
        case .readOnly: "\(place) cannot be written\(cause); check its permissions, LARDER_DIR and LARDER_READONLY"
        case .version: "\(place) \(detail ?? "holds another cache format"); run `larder clear` to start afresh"
        case .foreign: "\(place) \(detail ?? "holds other files"); name a directory that is empty, or not there yet"
        case .changed: "\(place) changed while it was being stored\(cause); nothing was stored"
        case .locked: "\(place) is in use by another process\(cause); try again when it is done"
        case .tooLarge: "\(place) is larger than the cache stores\(cause); nothing was stored"
        default: "\(place): \(underlying.map { "\($0)" } ?? detail ?? "input or output failed")"
        }
    }
}
