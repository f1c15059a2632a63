import Testing

/// Runs the tests, all of which are Swift Testing's.
///
/// Without this file the package manager looks for tests of XCTest in an index of all sources, which takes a tenth of the build.
@main enum Runner {
    static func main() async {
        await Testing.__swiftPMEntryPoint() as Never
    }
}
