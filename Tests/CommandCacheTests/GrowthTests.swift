import CommandCache
import TestSupport
import Testing

/// What tools say of what they have read, for `larder run`.
@Suite struct DependencyGrowthTests {
    @Test func `a dependency file of four times the length takes far less than its square`() {
        for pattern in Growth.patterns {
            let factor = Growth.factor(pattern.text) { _ = DependencyRule.prerequisites(in: $0) }
            #expect(factor < 8, "\(pattern.name): \(factor)")
        }
    }
}
