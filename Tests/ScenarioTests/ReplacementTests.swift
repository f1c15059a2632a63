import Foundation
import Synchronization
import TestSupport
import Testing

/// An output that is made again is there at every moment.
@Suite struct ReplacementTests {
    @Test(arguments: ["gcc", "clang"])
    func `a hit over an object is not seen`(_ compiler: String) throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try expectThere(["a.o", "a.d"], in: workshop, [compiler, "-MD", "-c", "a.c", "-o", "a.o"])
    }

    @Test func `a hit over a library is not seen`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.run(["gcc", "-c", "a.c", "-o", "a.o"])
        let words = ["gcc", "a.o", "-shared", "-o", "liba.so"]
        try expectThere(["liba.so"], in: workshop, words, ["LARDER_CACHE_LINK": "1"])
    }

    /// Looks at `files` all the while that `words` are run, and never finds one missing.
    private func expectThere(
        _ files: [String],
        in workshop: Workshop,
        _ words: [String],
        _ environment: [String: String] = [:]
    ) throws {
        try workshop.larder(words, environment: environment)
        let paths = files.map { workshop.url($0).path }
        let finished = DispatchSemaphore(value: 0)
        let watcher = Watcher(paths: paths)
        watcher.start { finished.signal() }
        let before = try workshop.counters()
        for _ in 1...60 { #expect(try workshop.larder(words, environment: environment).status == 0) }
        watcher.stop()
        finished.wait()
        #expect(try workshop.counters().hits - before.hits == 60)
        #expect(watcher.looks > 100)
        #expect(watcher.absences == 0, "of \(watcher.looks) looks")
    }
}

/// Looks at some files as often as it can.
private final class Watcher: Sendable {
    private let paths: [String]
    private let isOver = Atomic(false)
    private let lookCount = Atomic(0)
    private let absenceCount = Atomic(0)

    init(paths: [String]) { self.paths = paths }

    var looks: Int { lookCount.load(ordering: .relaxed) }
    var absences: Int { absenceCount.load(ordering: .relaxed) }

    func start(_ end: @escaping @Sendable () -> Void) {
        Thread.detachNewThread { [self] in
            while !isOver.load(ordering: .relaxed) {
                for path in paths {
                    lookCount.add(1, ordering: .relaxed)
                    if access(path, F_OK) != 0 { absenceCount.add(1, ordering: .relaxed) }
                }
            }
            end()
        }
    }

    func stop() { isOver.store(true, ordering: .relaxed) }
}
