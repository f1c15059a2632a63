/// The version of all that is built here.
package enum Version {
    /// What `--version` says.
    package static let text = "0.1.0"
}
