#if THREAD_SANITIZER
internal import Files

/// In the place of the one from Synchronization.
typealias Mutex = SanitizedMutex
#endif
