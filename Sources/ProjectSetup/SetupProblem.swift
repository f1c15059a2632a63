/// Why a project cannot be set up, or taken back, as one sentence without a full stop.
package struct SetupProblem: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
