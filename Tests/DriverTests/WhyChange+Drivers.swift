/// Changes after which `rustc`, `swiftc`, a linker, an archiver or any command misses.
extension WhyChange {
    static let ofOthers: [Self] = rust + swift + links + commands

    func needs(_ words: String) -> Bool { first.contains(words) }

    private static let crate =
        "[ -e l.rs ] || echo 'pub fn f() -> i32 { 1 }' > l.rs; $L rustc --crate-type lib --emit=metadata,dep-info "

    private static let rust: [Self] = [
        .init(
            "rustc, an option",
            crate + "l.rs",
            then: crate + "-C debuginfo=1 l.rs",
            is: "option",
            about: "debuginfo=1"
        ),
        .init("rustc, a condition", crate + "l.rs", then: crate + "--cfg extra l.rs", is: "option", about: "extra"),
        .init(
            "rustc, an edition",
            crate + "--edition 2018 l.rs",
            then: crate + "--edition 2021 l.rs",
            is: "option",
            about: "2021"
        ),
        .init("rustc, a source", crate + "l.rs", change: "echo 'pub fn g() {}' >> l.rs", is: "file", about: "l.rs"),
        .init(
            "rustc, a module",
            "[ -e m.rs ] || { echo 'mod m;' > l.rs; : > m.rs; }; " + crate + "l.rs",
            change: "echo '// more' > m.rs",
            is: "file",
            about: "m.rs"
        ),
        .init(
            "rustc, an included file",
            "[ -e t.txt ] || { echo 'pub const T: &str = include_str!(\"t.txt\");' > l.rs; echo 1 > t.txt; }; " + crate
                + "l.rs",
            change: "echo 2 > t.txt",
            is: "file",
            about: "t.txt"
        ),
        .init(
            "rustc, a variable",
            "echo 'pub const V: Option<&str> = option_env!(\"V_SET\");' > l.rs; " + crate + "l.rs",
            then: "export V_SET=1; " + crate + "l.rs",
            is: "variable",
            about: "V_SET"
        ),
    ]

    private static let module =
        "[ -e m.swift ] || echo 'func f() {}' > m.swift; $L swiftc -module-name m -c m.swift -o m.o "

    private static let swift: [Self] = [
        .init("swiftc, a condition", module, then: module + "-DEXTRA", is: "option", about: "EXTRA"),
        .init("swiftc, a source", module, change: "echo 'func g() {}' >> m.swift", is: "file", about: "m.swift"),
    ]

    private static let link = "export LARDER_CACHE_LINK=yes; [ -e m.o ] || gcc -c main.c -o m.o; $L gcc m.o -o m "

    private static let links: [Self] = [
        .init("a link, an option", link, then: link + "-s", is: "option", about: "-s"),
        .init("a link, an object", link, change: "gcc -g -c main.c -o m.o", is: "file", about: "m.o"),
        .init("a link, the output", link, then: link.replacing("-o m ", with: "-o n "), is: "option", about: "n"),
        .init(
            "an archive, a member",
            "export LARDER_CACHE_LINK=yes; [ -e m.o ] || gcc -c main.c -o m.o; rm -f m.a; $L ar rcsD m.a m.o",
            change: "gcc -g -c main.c -o m.o",
            is: "file",
            about: "m.o"
        ),
    ]

    private static let run = "[ -e i ] || echo 1 > i; $L run --input i --output o -- cp i o"

    private static let commands: [Self] = [
        .init("run, an input", run, change: "echo 2 > i", is: "file", about: "i"),
        .init("run, a word", run, then: "$L run --input i --output o -- cp -p i o", is: "option", about: "-p"),
        .init(
            "run, a new input",
            run,
            then: "$L run --input i --input a.c --output o -- cp i o",
            is: "input",
            about: "a.c"
        ),
        .init(
            "run, a variable",
            "export V=1; $L run --env V -- echo a",
            then: "export V=2; $L run --env V -- echo a",
            is: "variable",
            about: "V"
        ),
        .init(
            "run, a tool",
            "[ -e t ] || { echo '#!/bin/sh' > t; chmod +x t; }; $L run -- ./t",
            change: "echo 'echo a' >> t",
            is: "compiler",
            about: "t"
        ),
        .init(
            "run, standard input",
            "echo 1 | $L run --stdin -- cat",
            then: "echo 2 | $L run --stdin -- cat",
            is: "file",
            about: "standard input"
        ),
        .init("run, a key", "$L run --key 1 -- echo a", then: "$L run --key 2 -- echo a", is: "option", about: "--key"),
        .init("run, evicted", "$L run -- echo a", change: "$L gc --max-size 1 > gc.txt", is: "evicted"),
        .init(
            "run, what it read",
            "[ -e i ] || echo 1 > i; $L run --trace -- cat i",
            change: "echo 2 > i",
            is: "file",
            about: "i"
        ),
        .init(
            "run, what was not there",
            "$L run --trace -- sh -c '[ -e j ] && echo there; true'",
            change: ": > j",
            is: "name_appeared",
            about: "j"
        ),
        .init("run, the time", "$L run --trace -- date", is: "refused", about: "date"),
    ]
}
