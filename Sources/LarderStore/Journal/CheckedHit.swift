/// A hit that is not given but made again, and compared with what is kept: what that is called in the journal.
package enum CheckedHit {
    /// Why the compiler runs.
    package static let reason = "verify"
    /// The results are the same: the cause of a hit.
    package static let same = "verified"
    /// They are not: the cause of a miss and of an error.
    package static let different = "result_differs"
}
