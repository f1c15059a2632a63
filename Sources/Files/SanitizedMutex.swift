#if THREAD_SANITIZER
internal import Glibc

/// Synchronization's `Mutex`, made of what the thread sanitizer understands (`make tsan`).
///
/// That library is not built with the sanitizer, which therefore reports everything that such a mutex protects. Modules
/// whose threads share something call this one `Mutex` then.
package struct SanitizedMutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Unchecked: the value is only reached with the lock held.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    package init(_ initial: consuming sending Value) {
        pthread_mutex_init(lock, nil)
        value.initialize(to: initial)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    package borrowing func withLock<Result: ~Copyable, E: Error>(
        _ body: (inout sending Value) throws(E) -> sending Result
    ) throws(E) -> sending Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value.pointee)
    }
}
#endif
