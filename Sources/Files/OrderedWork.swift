internal import Glibc

/// Numbered pieces of work, several done at once, whose results are taken in order.
package enum OrderedWork {
    /// Does `work` for 0 to `count` - 1 in `threads` threads, and hands each result to `take` in this one, in order.
    ///
    /// No piece is begun that is more than `ahead` further than the one that is taken next, so that results do not pile
    /// up behind a slow one. When `take` says false, no other piece is begun, and the call returns when those that
    /// run are done.
    package static func run<Result: Sendable>(
        _ count: Int,
        threads: Int,
        ahead: Int,
        work: @escaping @Sendable (Int) -> Result,
        take: (Int, Result) -> Bool
    ) {
        guard threads > 1, count > 1 else {
            for index in 0..<max(count, 0) where !take(index, work(index)) { return }
            return
        }
        let desk = Desk<Result>(count: count, ahead: max(ahead, threads))
        var started: [pthread_t] = []
        for _ in 0..<min(threads, count) {
            let body = ThreadBody { desk.work(work) }
            var thread = pthread_t()
            let context = Unmanaged.passRetained(body)
            let failure = pthread_create(
                &thread,
                nil,
                { context in
                    if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
                    return nil
                },
                context.toOpaque()
            )
            if failure == 0 { started.append(thread) } else { context.release() }
        }
        // Where there are no threads to be had, one does it all.
        if started.isEmpty {
            for index in 0..<count where !take(index, work(index)) { return }
            return
        }
        for index in 0..<count where !take(index, desk.result(index)) { break }
        desk.close()
        for thread in started { pthread_join(thread, nil) }
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Where pieces are given out and results handed in.
// Unchecked: everything that changes is touched under the mutex only.
private final class Desk<Result: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let ahead: Int
    private var end: Int
    private var next = 0
    private var taken = 0
    private var results: [Int: Result] = [:]

    init(count: Int, ahead: Int) {
        (end, self.ahead) = (count, ahead)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(change, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(change)
        mutex.deallocate()
        change.deallocate()
    }

    func work(_ piece: (Int) -> Result) {
        pthread_mutex_lock(mutex)
        while true {
            while next < end, next >= taken + ahead { pthread_cond_wait(change, mutex) }
            guard next < end else { break }
            let index = next
            next += 1
            pthread_mutex_unlock(mutex)
            let result = piece(index)
            pthread_mutex_lock(mutex)
            results[index] = result
            pthread_cond_broadcast(change)
        }
        pthread_mutex_unlock(mutex)
    }

    func result(_ index: Int) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = results.removeValue(forKey: index) {
                taken = index + 1
                pthread_cond_broadcast(change)
                return result
            }
            pthread_cond_wait(change, mutex)
        }
    }

    /// Gives out no more.
    func close() {
        pthread_mutex_lock(mutex)
        end = min(end, next)
        pthread_cond_broadcast(change)
        pthread_mutex_unlock(mutex)
    }
}
