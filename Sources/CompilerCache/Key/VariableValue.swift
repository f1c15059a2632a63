internal import Files
internal import LarderStore

/// What a variable of the environment holds, as far as a result depends on it.
///
/// Only digests are kept: a value may be a secret.
struct VariableValue {
    /// -1 where it is not set.
    let size: Int64
    let digest: Digest

    /// - Parameter roots: a value that says where the checkout is counts as the same in another one. What comes of that in an
    ///   output is seen there.
    init(of name: Word, _ roots: CheckoutRoots) {
        let value = Environment.value(of: name)
        let abstract = value.map { roots.abstract($0) }
        size = abstract.map { Int64($0.count) } ?? -1
        digest = Digest.of(abstract ?? [])
    }

    func hasDigest(_ bytes: UnsafeRawBufferPointer) -> Bool { digest.withBytes { $0.elementsEqual(bytes) } }
}
