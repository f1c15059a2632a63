internal import Files

/// Dates and times in what is compiled.
extension Recorder {
    /// Notes the macros for the time that a text uses, unless the command line gives them another meaning.
    mutating func noteTimes(_ scan: SourceScan) throws(Refusal) {
        if scan.comparesTimes { throw .timestampMacro }
        if choices.ignoresTimes { return }
        if scan.usesTimestamp && !isGiven(Word("__TIMESTAMP__")) { throw .timestampMacro }
        if scan.usesDate && !isGiven(Word("__DATE__")) || scan.usesTime && !isGiven(Word("__TIME__")) { try noteDate() }
    }

    /// True where `-D` or `-U` on the command line takes the compiler's own meaning from a macro, which never comes back.
    ///
    /// It would from a precompiled header, for all that we know.
    mutating func isGiven(_ macro: Word) -> Bool {
        guard request.redefines(macro) else { return false }
        takesTimeAsGiven = true
        return true
    }

    mutating func noteDate() throws(Refusal) {
        if choices.ignoresTimes { return }
        guard let epoch = context.value(of: .epoch),
            CompilerQuery.obeysEpoch(context.command, request.family)
        else { throw .timeMacro }
        bind(.init(kind: .epoch, value: epoch))
    }
}
