/// Work on a value that has come, in a task that runs where the connections live.
enum LongWork {
    /// Below this, in bytes, work takes less than a change of threads and back: some 100 microseconds.
    private static let limit = 256 << 10

    /// Does `work` with a value of so many `bytes`: a long one by another thread, so that no other answer waits for it.
    static func perform<Outcome>(_ bytes: Int, _ work: () -> Outcome) async -> Outcome {
        guard bytes > limit else { return work() }
        return await withTaskExecutorPreference(globalConcurrentExecutor) { work() }
    }
}
