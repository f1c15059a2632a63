/// The flags of open(2) that decide what is read and what is made.
struct OpenKind {
    let writes: Bool
    let empties: Bool
    /// What was there before stays, and is written over or added to.
    let keeps: Bool
    /// It fails where something is there.
    let makesNew: Bool
    /// It fails where nothing is there.
    let makesNone: Bool

    init(_ flags: UInt64) {
        // O_WRONLY, O_RDWR; O_TRUNC: the same on x86-64 and aarch64.
        writes = flags & 3 != 0 || flags & 0o1100 != 0
        empties = flags & 0o1000 != 0
        // O_EXCL would have found it.
        keeps = !empties && flags & 0o200 == 0
        // O_CREAT and O_EXCL
        makesNew = flags & 0o300 == 0o300
        makesNone = flags & 0o100 == 0
    }
}
