internal import Files

/// Ctrl-C and its kin: they cancel what is waited for, and the process ends by itself with the status 130.
enum Interrupt {
    /// Cancelled by the first of these signals, from the first use on.
    static let cancellation = Cancellation.bySignals()

    /// Runs `work` in a task that these signals cancel.
    static func cancelling<Result: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let task = Task { () async -> Swift.Result<Result, Failure> in
            do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
        }
        let watch = Task {
            // The signal handler may only write to a descriptor; a look at it twenty times a second costs nothing.
            while !cancellation.isCancelled { try await Task.sleep(for: .milliseconds(50)) }
            task.cancel()
        }
        defer { watch.cancel() }
        return try await task.value.get()
    }
}
