/// How sure a published file must be to survive a power failure.
public enum Durability: Sendable {
    /// Nothing is flushed: the kernel writes when it likes. For what verifies itself and can be made again.
    case none
    /// Data is flushed before the file becomes visible.
    case data
    /// Data is flushed before, the directory after: the new file is there once the call returns.
    case synced
}
