internal import Files
internal import Wire

/// What the daemon reads from a connection, as a function of bytes: for the fuzzer.
package enum ForeignBytes {
    /// Gives a connection what comes, in these pieces; returns how many requests were in it, or nil when it was closed.
    package static func requests(in pieces: [ArraySlice<UInt8>]) -> Int? {
        var connection = Connection(process: 1)
        var count = 0
        for (moment, piece) in pieces.enumerated() {
            guard let requests = connection.receive(piece, [], at: Int64(moment)) else { return nil }
            count += requests.count
        }
        return count
    }
}
