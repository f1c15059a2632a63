/// What a process tree has read, looked for and made, where all of that is known.
package struct Accesses: Sendable {
    /// The programs that ran.
    package var programs: Set<[UInt8]> = []
    /// The last names of the paths by which they were started: what `PATH` may lead to.
    package var startedNames: Set<[UInt8]> = []
    /// Files whose content was read, programs and libraries among them.
    package var contents: Set<[UInt8]> = []
    /// Files whose size and time were asked for.
    package var statuses: Set<[UInt8]> = []
    /// What was only seen to be there.
    package var presences: Set<[UInt8]> = []
    /// Names that nothing had.
    package var absences: Set<[UInt8]> = []
    /// Directories that were read, and the names in them that are the tree's own.
    package var listings: [[UInt8]: Set<[UInt8]>] = [:]
    /// Directories that a compiler has looked at: two names of one directory count once in its search.
    package var directories: Set<[UInt8]> = []
    /// Paths whose real name was asked for.
    package var realPaths: Set<[UInt8]> = []
    /// Whether the machine's name, or the terminal of standard input, was asked for.
    package var asksHost = false
    package var asksTerminal = false
    /// Whether something else than a compiler has asked where standard output or standard error goes.
    package var asksStreams = false
    /// Whether a program has asked for the date that shows it only where a text says so.
    package var asksDate = false
    /// Names of variables that were asked for.
    package var variables: Set<[UInt8]> = []
    /// What was made and is there at the end, a directory with all that is in it.
    package var outputs: [Output] = []

    package struct Output: Sendable {
        package var path: [UInt8]
        /// The inode that was written, where that is known; else 0.
        package var inode: UInt64
        /// Whether a program looked before it was written whether something is there.
        package var isProbed: Bool
        /// Whether something else was there before.
        package var wasThere: Bool
        /// Whether what had been there before would have been added to, or written over in part, or have been refused.
        package var isAddedTo: Bool
        /// Whether it is the file that was there before, emptied: it has kept the permissions.
        package var isEmptied: Bool
    }
}

/// Why the notes of a run do not say all that it depends on.
package struct Doubt: Error, Sendable {
    /// The raw value follows `run_` in the journal: it never changes its meaning.
    package enum Cause: String, Sendable {
        case untracedProgram = "untraced_program"
        case incompleteTrace = "incomplete_trace"
        case outlivedProcess = "outlived_process"
        case unfollowedCall = "unfollowed_call"
        case connection
        case readsClock = "reads_clock"
        case readsRandom = "reads_random"
        case holdsTimes = "holds_times"
        case readsDevice = "reads_device"
        case readsSystem = "reads_system"
        case modifiesInput = "modifies_input"
        case removesFile = "removes_file"
        case changesFile = "changes_file"
        case linksFile = "links_file"
        case leavesTemporary = "leaves_temporary"
        case writesElsewhere = "writes_elsewhere"
        case inputChanged = "input_changed"
    }

    package var cause: Cause
    /// The program, the function or the file that it is about.
    package var detail: [UInt8]

    package init(_ cause: Cause, _ detail: [UInt8] = []) { (self.cause, self.detail) = (cause, detail) }
}
