internal import CLinux

/// What becomes of the user's command when our own code meets a defect: a trap, an abort, a fault of memory.
///
/// Until the command's work is done this process then becomes the command as it was given; from then on it ends as the
/// command's program did. Either is counted in the journal as `error` with the cause `crash`. Signals that somebody else
/// sends mean what they always mean.
package enum Crash {
    /// From now on a defect makes this process `program`, with the words of our own command line from `index` on.
    ///
    /// - Parameter isRenamed: whether the program is to be called by its path.
    package static func becomes(_ program: Path, wordsFrom index: Int, isRenamed: Bool) {
        let words = CommandLine.unsafeArgv + index
        program.withCString { larder_crash_become($0, words, isRenamed ? 1 : 0) }
    }

    /// True where a defect is not the end of the user's command.
    package static var isMet: Bool { larder_crash_is_met() != 0 }

    /// From now on a defect ends this process as without us, but says so in the journal of `store` and in the file `log`.
    package static func isNoted(in store: Path, log: Path) {
        larder_crash_note()
        isCounted(in: store, log: log)
    }

    /// Where a defect is counted, and where a line with its address is added.
    package static func isCounted(in store: Path, log: Path?) {
        store.withCString { larder_crash_report($0) }
        log?.withCString { larder_crash_log($0) }
    }

    /// The command has been counted as a hit, a miss or a bypass.
    package static func commandIsCounted() { larder_crash_counted() }

    /// From now on the program that is about to be started is never started again: a defect passes its streams on until it
    /// ends, and ends this process as it ended.
    package static func waitsForChild() { larder_crash_wait() }

    /// From now on this process ends so, whatever happens.
    package static func ends(as ending: Ending, isHit: Bool = false) {
        switch ending {
        case .exited(let code): larder_crash_end(1, code, isHit ? 1 : 0)
        case .signalled(let signal): larder_crash_end(2, signal, isHit ? 1 : 0)
        }
    }

    /// The program that is about to run makes files that belong elsewhere, two at most; where all its words have been heard when
    /// a defect comes, the files get their places and it is not run again.
    package static func childMakes(_ files: [(from: Path, to: Path)]) {
        larder_crash_over()
        for (number, file) in files.enumerated() {
            file.from.withCString { from in file.to.withCString { larder_crash_makes(Int32(number), from, $0) } }
        }
    }

    /// Whether words of that program have been passed on, and whether some are held back.
    package static func childSpoke(_ hasSpoken: Bool, holdsWords: Bool) {
        larder_crash_words(hasSpoken ? 1 : 0, holdsWords ? 1 : 0)
    }

    /// A file beside the user's that is removed before the command takes over.
    package struct Temporary: ~Copyable {
        private let number: Int32

        package init(_ path: Path) {
            number = path.withCString { larder_crash_remove($0) }
        }

        deinit { larder_crash_forget(number) }
    }
}
