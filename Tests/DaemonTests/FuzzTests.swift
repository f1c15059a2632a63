import Foundation
import TestSupport
import Testing

/// Readers of foreign bytes get a second of nonsense each; `make fuzz` gives them more.
@Suite struct FuzzTests {
    @Test(arguments: ["frames", "handover", "manifest", "toolchain", "entry"])
    func `a reader comes back from everything`(target: String) throws {
        let workshop = try Workshop()
        let program = Workshop.larder.deletingLastPathComponent().appendingPathComponent("larder-fuzz")
        let outcome = try workshop.run([program.path, target, "1", "1"])
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(outcome.outputText.hasPrefix("\(target): "))
    }
}
