/// Reasons of the journal in words.
enum Cause {
    /// What a reason means, and what it is about.
    static func words(_ cause: String, about subject: String = "") -> String {
        let token = cause.hasPrefix("run_") ? String(cause.dropFirst(4)) : cause
        let words =
            known[token] ?? String(decoding: token.utf8.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }, as: UTF8.self)
        return subject.isEmpty ? words : "\(words) (\(subject))"
    }

    /// What may be done about a reason; nil where there is nothing to do.
    static func advice(_ cause: String) -> String? {
        switch cause.hasPrefix("run_") ? String(cause.dropFirst(4)) : cause {
        case "input_too_young": "nothing: the next compile is kept"
        case "time_macro", "timestamp_macro": "set SOURCE_DATE_EPOCH, define the macro, or set time_macros = ignore"
        case "linking", "archive": "set cache_link = yes"
        case "several_sources": "compile each source by a command of its own"
        case "verbose", "timing", "temporaries", "save_temps": "leave the option out"
        case "native_processor": "name the processor in place of native"
        case "trace_unavailable": "install liblarder-trace.so beside larder; 'make build-trace' makes it"
        case "store_refused": "look at the space and the permissions of the cache directory"
        default: nil
        }
    }

    private static let known: [String: String] = [
        "input_too_young": "an input may have changed while the compiler ran",
        "time_macro": "__DATE__ or __TIME__ is used",
        "timestamp_macro": "__TIMESTAMP__ or a comparison of times is used",
        "compile_failed": "the compiler reported an error",
        "compiler_not_found": "there is no such compiler",
        "dependencies_unknown": "the compiler does not say all that it reads",
        "input_unreadable": "an input cannot be read",
        "toolchain_changed": "the compiler changed meanwhile",
        "store_refused": "the cache directory could not be written",
        "output_changed": "the output was written to meanwhile",
        "output_missing": "an output was not made",
        "streams_cut": "the compiler said more than is kept, or was not heard",
        "clock_behind": "files are stamped with times that are still to come",
        "reads_clock": "the time was read",
        "reads_random": "random numbers were read",
        "holds_times": "what was made holds the times of other files",
        "connection": "a connection was made",
        "untraced_program": "a program ran whose reading cannot be seen",
        "incomplete_trace": "the trace is not complete",
        "outlived_process": "a process lives on after the command",
        "writes_elsewhere": "a file was written that is no output",
        "verbose": "the option makes the compiler say how it works",
        "linking": "it links",
        "archive": "it makes an archive",
        "check": "it checks a source",
        "no_compile_step": "it compiles nothing",
        "not_a_compiler": "the program is no compiler that Larder knows",
        "disabled": "the setting disable is on",
        "standard_input": "the source comes from standard input",
        "information": "it only asks the compiler about itself",
        "unknown_option": "Larder does not know the option",
        "output_busy": "another process makes the same output",
        "special_input": "an input is no regular file",
        "special_output": "the output is no regular file that may be replaced",
        "umask": "the umask is another one",
        "streams": "what it says goes to another terminal, or to none",
        "output_in_the_way": "what is in the place of an output would decide what the command does",
        "output_mode": "an output has other permissions, or other names, than a new file gets",
        "status": "the size or the time of a file has changed",
        "real_path": "a link leads elsewhere",
        "sameness": "files or directories that were one are two, or two are one",
        "wrapper": "a script or a program in front of a compiler cannot be traced with these settings",
        "unfollowed_call": "what a program may know is in no trace",
        "run_again": "the compiler ran again as it was given",
        "trace_unavailable": "the library that sees what a command reads is not installed",
    ]
}
