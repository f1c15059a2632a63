internal import LarderStore

/// ccache's counters, from what Larder's journal has counted.
///
/// Commands of Larder's own, as `larder run`, are no compiles and count nowhere here.
struct CCacheCounters {
    /// How a counter belongs to the sums.
    enum Group { case other, uncacheable, error }

    struct Counter: Sendable {
        let name: String
        let group: Group
        /// What `ccache -sv` calls it, for one that belongs to a sum.
        let title: String

        init(_ name: String, _ group: Group = .other, _ title: String = "") {
            (self.name, self.group, self.title) = (name, group, title)
        }
    }

    /// In the order of `--print-stats`.
    static let all: [Counter] = [
        Counter("autoconf_test", .uncacheable, "Autoconf compile/link"),
        Counter("bad_compiler_arguments", .uncacheable, "Bad compiler arguments"),
        Counter("bad_input_file", .error, "Could not read or parse input file"),
        Counter("bad_output_file", .error, "Could not write to output file"),
        Counter("cache_miss"),
        Counter("cache_size_kibibyte"),
        Counter("called_for_link", .uncacheable, "Called for linking"),
        Counter("called_for_preprocessing", .uncacheable, "Called for preprocessing"),
        Counter("cleanups_performed"),
        Counter("compile_failed", .uncacheable, "Compilation failed"),
        Counter("compiler_check_failed", .error, "Compiler check failed"),
        Counter("compiler_produced_empty_output", .uncacheable, "Compiler produced empty output"),
        Counter("compiler_produced_no_output", .uncacheable, "Compiler output file missing"),
        Counter("compiler_produced_stdout", .uncacheable, "Compiler produced stdout"),
        Counter("could_not_find_compiler", .error, "Could not find compiler"),
        Counter("could_not_use_modules", .uncacheable, "Could not use modules"),
        Counter("could_not_use_precompiled_header", .uncacheable, "Could not use precompiled header"),
        Counter("direct_cache_hit"),
        Counter("direct_cache_miss"),
        Counter("disabled", .uncacheable, "Ccache disabled"),
        Counter("error_hashing_extra_file", .error, "Error hashing extra file"),
        Counter("files_in_cache"),
        Counter("internal_error", .error, "Internal error"),
        Counter("local_storage_hit"),
        Counter("local_storage_miss"),
        Counter("local_storage_read_hit"),
        Counter("local_storage_read_miss"),
        Counter("local_storage_write"),
        Counter("max_cache_size_kibibyte"),
        Counter("max_files_in_cache"),
        Counter("missing_cache_file", .error, "Missing cache file"),
        Counter("modified_input_file", .error, "Input file modified during compilation"),
        Counter("multiple_source_files", .uncacheable, "Multiple source files"),
        Counter("no_input_file", .uncacheable, "No input file"),
        Counter("output_to_stdout", .uncacheable, "Output to stdout"),
        Counter("preprocessed_cache_hit"),
        Counter("preprocessed_cache_miss"),
        Counter("preprocessor_error", .uncacheable, "Preprocessing failed"),
        Counter("recache", .uncacheable, "Forced recache"),
        Counter("remote_storage_error"),
        Counter("remote_storage_hit"),
        Counter("remote_storage_miss"),
        Counter("remote_storage_read_hit"),
        Counter("remote_storage_read_miss"),
        Counter("remote_storage_timeout"),
        Counter("remote_storage_write"),
        Counter("stats_updated_timestamp"),
        Counter("stats_zeroed_timestamp"),
        Counter("unsupported_code_directive", .uncacheable, "Unsupported code directive"),
        Counter("unsupported_compiler_option", .uncacheable, "Unsupported compiler option"),
        Counter("unsupported_environment_variable", .uncacheable, "Unsupported environment variable"),
        Counter("unsupported_source_encoding", .uncacheable, "Unsupported source encoding"),
        Counter("unsupported_source_language", .uncacheable, "Unsupported source language"),
    ]

    private var values: [String: Int64] = [:]

    subscript(name: String) -> Int64 {
        get { values[name] ?? 0 }
        set { values[name] = newValue }
    }

    /// Every counter with its value, in order.
    var table: [(name: String, value: Int64)] { Self.all.map { ($0.name, self[$0.name]) } }

    init(_ statistics: Statistics) {
        func isCommand(_ cause: String) -> Bool {
            ["run", "fingerprint", "kv", "pdf", "jdk"].contains { cause == $0 || cause.hasPrefix($0 + "_") }
        }
        func add(_ kind: Event.Kind, _ body: (String) -> String) {
            var rest = Int64(statistics.counts[kind] ?? 0)
            for (cause, count) in statistics.causes(of: kind) {
                rest -= count
                if !isCommand(cause) { self[body(cause)] += count }
            }
            // An event may have no cause.
            if rest > 0 { self[body("")] += rest }
        }
        add(.hit) { _ in "direct_cache_hit" }
        add(.miss, Self.counter(ofMiss:))
        add(.bypass, Self.counter(ofBypass:))
        add(.error) { _ in "internal_error" }
        self["direct_cache_miss"] = self["cache_miss"]
        self["local_storage_hit"] = self["direct_cache_hit"]
        self["local_storage_miss"] = self["cache_miss"]
        // Larder knows how many entries went, not in how many sweeps: more than none means the same.
        self["cleanups_performed"] = Int64(statistics.evictions)
    }

    /// The counter for a result that was looked for in vain, or made and not kept.
    private static func counter(ofMiss reason: String) -> String {
        switch reason {
        case "compile_failed": "compile_failed"
        case "recache": "recache"
        case "time_macro", "timestamp_macro", "assembler_input", "embed": "unsupported_code_directive"
        case "precompiled_header", "precompiled_header_directory": "could_not_use_precompiled_header"
        case "module_cache": "could_not_use_modules"
        case "output_missing", "output_not_written": "compiler_produced_no_output"
        case "input_too_young", "output_changed": "modified_input_file"
        case "input_unreadable": "bad_input_file"
        case "toolchain_changed", "unknown_toolchain": "compiler_check_failed"
        case "store_refused": "internal_error"
        default: "cache_miss"
        }
    }

    /// The counter for a command that ran as it was given.
    private static func counter(ofBypass cause: String) -> String {
        switch cause {
        case "linking", "linker_option", "link_time_code", "unknown_linker", "archive", "archive_option",
            "archive_exists":
            "called_for_link"
        case "preprocessing", "dependencies_only": "called_for_preprocessing"
        case "several_sources", "driver_message": "multiple_source_files"
        case "no_source", "no_compile_step", "information", "verbose", "not_a_compiler", "standard_input":
            "no_input_file"
        case "unsupported_language", "assembler_source": "unsupported_source_language"
        case "modules", "module_output": "could_not_use_modules"
        case "precompiled_header_output": "could_not_use_precompiled_header"
        case "environment": "unsupported_environment_variable"
        case "unrecognised_compiler": "compiler_check_failed"
        case "compiler_not_found": "could_not_find_compiler"
        case "special_output", "output_busy": "bad_output_file"
        case "special_input": "bad_input_file"
        case "disabled": "disabled"
        case "response_file": "bad_compiler_arguments"
        case "bad_settings", "internal_error", "no_directory", "closed_stream": "internal_error"
        default: "unsupported_compiler_option"
        }
    }

    func sum(_ group: Group) -> Int64 { Self.all.filter { $0.group == group }.map { self[$0.name] }.reduce(0, &+) }
}
