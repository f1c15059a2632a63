internal import Files

extension Journal {
    /// Writes down what happens to a lock: `lock_acquired`, `lock_contended` and `lock_fallback`.
    ///
    /// For locks that a person knows of. The store's own for eviction and for the journal itself are not written down:
    /// they are taken so often, and waited for so seldom, that nobody would learn anything.
    public var lockObserver: LockObserver {
        { event in
            switch event {
            case .acquired(let wait, let isContended):
                if isContended { record(wait, .lockContended) }
                record(wait, .lockAcquired)
            case .timedOut(let wait), .cancelled(let wait):
                record(wait, .lockContended)
            case .fallback(let name, _):
                record(Event(.lockFallback, cause: LockBackend.lease.rawValue, label: name.description))
            case .contended, .waiting, .succeeded:
                break
            }
        }
    }

    private func record(_ wait: LockWait, _ kind: Event.Kind) {
        record(
            Event(
                kind,
                cause: wait.backend.rawValue,
                microseconds: wait.elapsed / 1000,
                label: wait.name.description
            )
        )
    }
}
