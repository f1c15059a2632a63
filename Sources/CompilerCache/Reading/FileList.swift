/// The files that a compile read, and what is not among them.
struct FileList: Sendable {
    /// Crosses the wire between launcher and daemon of one version.
    enum Extent: UInt8, Sendable {
        /// It is complete, but for what precompiled headers were made from.
        case all
        /// The compiler's own first header, and what it includes, are missing where they are the system's.
        case traced
        /// The system's headers are missing.
        case user
        /// The compiler was asked for what it would read without precompiled headers, too.
        case asked
    }
    var files: [Word]
    var extent: Extent
    /// Files that say nothing about others.
    var inputs: [Word] = []
}
