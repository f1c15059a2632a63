/// Why a tier did not do what it was asked for.
package struct TierFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// Nobody answers, the server broke off, or it says that it cannot work now.
        case unreachable
        /// The time that was given is over.
        case timedOut
        /// The server does not let us in, or does not let us do this.
        case refused
        /// What came is not what the protocol has here.
        case protocolError
        /// The server has no room.
        case full
        /// The entry is larger than the address or the server allows.
        case tooLarge
    }

    package let kind: Kind
    /// A short sentence without secrets, and without anything the server is free to write.
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
