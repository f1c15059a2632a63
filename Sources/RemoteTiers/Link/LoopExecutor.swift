package import NIOCore
internal import NIOPosix

/// Runs the parts of a task that belong to no actor on an event loop.
///
/// Swift takes up a task that has waited for a continuation in its own thread pool before it goes back to an actor. With
/// this as the preferred executor it is the event loop right away, so that an operation neither changes threads for each
/// wait nor is late because the pool is busy.
package final class LoopExecutor: TaskExecutor {
    /// The one on which all connections live: a question and its answer pass through it without a change of threads.
    package static let network = LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())

    package let eventLoop: any EventLoop

    package init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
