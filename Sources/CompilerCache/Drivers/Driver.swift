internal import Files
internal import LarderStore
internal import Trace

/// A compiler that is taken as a whole: one run makes all outputs, and it says itself what it has read.
///
/// A dialect of this kind reads a command line, and after a run what the run left behind. The rest is the same for
/// all: see ``DriverCompilation``.
protocol Driver: Sendable {
    /// Reads the command line and the environment; throws what makes this command one that is run as it is given.
    init(reading command: CompileCommand, _ settings: Settings) throws(Bypass)

    /// What is asked for.
    var request: DriverRequest { get }

    /// The words that the compiler is run with, its name aside: the user's, and what makes it say what it reads.
    ///
    /// - Parameter scratch: an empty directory of this run's alone, gone after it.
    func arguments(scratch: Path) -> [Word]

    /// Files that may get or lose names while the command runs, and of which it may read some.
    var linkedInputs: [Word] { get }

    /// What a run that has ended as it should depended on.
    func reading(after run: DriverRun) throws(Recorder.Refusal) -> DriverReading

    /// Of the files that ``DriverRequest/seenProgram`` was seen to open, those whose content counts although `reading` does not name them.
    func unnamed(_ opened: Set<Word>, in reading: DriverReading) throws(Recorder.Refusal) -> Set<Word>

    /// Adds what a run did of which ``DriverReading/isSeen`` says that nobody else knows it.
    func add(_ accesses: Accesses, _ opened: FilesOpened, to reading: inout DriverReading) throws(Recorder.Refusal)
}

extension Driver {
    var linkedInputs: [Word] { [] }

    func arguments(scratch: Path) -> [Word] { request.command.arguments }

    func unnamed(_ opened: Set<Word>, in reading: DriverReading) -> Set<Word> { opened }

    func add(_ accesses: Accesses, _ opened: FilesOpened, to reading: inout DriverReading) throws(Recorder.Refusal) {
        throw .dependenciesUnknown
    }
}

/// What one command of a driver asks for.
struct DriverRequest: Sendable {
    /// A word of the key.
    enum KeyWord: Sendable {
        /// As it is.
        case text(Word)
        /// With a mark in the place of each root of the checkout.
        case path(Word)
    }

    /// A file that the command makes.
    struct Output: Sendable {
        /// What can be said of the paths in it.
        enum Content: Sendable {
            /// They may be compressed, unless it is an object file that says otherwise.
            case unknown
            /// They stand there as they are, and a search finds them.
            case clear
            /// It is text, in which a path of the checkout may be replaced by another one's.
            case text
        }

        var path: Word
        /// True where the command may end well without it.
        var isOptional = false
        var content = Content.unknown
        /// True where the compiler may give the file a second name, for records of its own; else it is not kept then.
        var mayHaveOtherNames = false
    }

    /// Name and version of the dialect's rules: a new version finds nothing of an earlier one's.
    var dialect: StaticString
    var command: CompileCommand
    /// What statistics and logs call it: a source, a crate, a module.
    var label: Word
    /// Every word of the command line that counts, in order.
    var words: [KeyWord] = []
    /// Variables that always count, as `NAME=value`, in an order that does not depend on the environment's.
    var variables: [KeyWord] = []
    /// Variables that count only where there are diagnostics, as `NAME=value`.
    var presentation: [Word] = []
    /// The directories whose names another checkout has others for.
    var roots = CheckoutRoots.none
    /// Files that are read for sure: two processes that have the same command and other inputs do not wait for each other.
    var inputs: [Word] = []
    /// Everything that the command makes: the first one's name is what only one process makes at a time.
    var outputs: [Output] = []
    /// Files that tell the compiler of its last run: gone before a result of another one is in their place.
    var removed: [Word] = []
    /// The first letters of the name of a program that reads more files than it lists: the trace says which files it opened.
    var seenProgram: StaticString?
    /// The names of the programs that the reading knows all about, where the trace is to say what others did.
    var ownPrograms: Set<String> = []
    /// False where what the compiler says is changed before the user sees it, so that it comes at the end.
    var passesStreamsOn = true
}

/// A run that has ended well.
struct DriverRun {
    /// The private directory, with what was asked for there.
    let scratch: Path
    let streams: CapturedStreams
    /// When it was started, by the clock that stamps files.
    let started: Int64
    /// For what is known of a toolchain from one run to the next.
    let store: EntryStore
}

/// What the result of a run depends on, besides the request.
struct DriverReading {
    /// Files whose content counts, the compiler's own among them.
    var files: [Word] = []
    /// Names of variables whose value counts, or that they are not set.
    var variables: [Word] = []
    /// Directories whose names count: which files there are, not what is in them.
    var listings: [Word] = []
    /// Paths at which nothing may appear.
    var absent: [Word] = []
    /// Directories that must be there.
    var directories: [Word] = []
    /// Paths at which something must be.
    var present: [Word] = []
    /// Paths of which all counts that stat(2) tells, see ``Manifest/digest(ofAttributesOf:)``.
    var attributes: [Word] = []
    /// Directories whose names count, and what has them.
    var entries: [Word] = []
    /// Paths whose real name counts.
    var realPaths: [Word] = []
    /// Directories of which counts whether two are the same one.
    var searched: [Word] = []
    /// True where code of others ran within the compiler: the notes of the run say what it looked at.
    var isSeen = false
    /// True where that code may have looked at something, as far as is known without such notes.
    var isDoubtful = false
    /// True where the compiler starts others, such as a linker.
    var startsPrograms = false
    /// Directories of the compiler's own.
    var ownDirectories: [Word] = []
    /// True where the outputs name places in a way that nobody can search for.
    var isPlaceBound = false
    /// True where a file that the run did not write belongs to its result.
    var takesOldOutputs = false
    /// True where all that the compiler said are names of files in a form of their own: no terminal shapes them, and they
    /// are another checkout's there.
    var saysOnlyPaths = false
    /// What the user is to see, where that is not what the compiler said.
    var streams: CapturedStreams?
}
