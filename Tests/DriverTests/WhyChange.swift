import TestSupport
import Testing

/// A change after which a command misses, and what `larder why` says of it.
struct WhyChange: Sendable, CustomTestStringConvertible {
    let description: String
    /// Lines of a shell in which `$L` is the launcher: first the command is run, then something is changed, then it is run again.
    let first: String
    let change: String
    let second: String
    let kind: String
    let subject: String

    var testDescription: String { description }

    /// - Parameter second: the command after the change; as before where none is given.
    init(
        _ description: String,
        _ first: String,
        change: String = ":",
        then second: String? = nil,
        is kind: String,
        about subject: String = ""
    ) {
        (self.description, self.first, self.change, self.second) = (description, first, change, second ?? first)
        (self.kind, self.subject) = (kind, subject)
    }

    /// What all of them find in their directory.
    static let files = [
        "a.c": "#include \"x.h\"\nint f(void) { return X; }\n", "include/x.h": "#define X 1\n",
        "plain.c": "int g;\n", "date.c": "const char *d = __DATE__;\n", "time.c": "const char *t = __TIME__;\n",
        "file.c": "const char *n = __FILE__;\n", "main.c": "int main(void) { return 0; }\n",
        "testgcc": "#!/bin/sh\nexec gcc \"$@\"\n",
    ]

    static let ofCompiles: [Self] = words + variables + inputs + settings + places + refusals

    private static let compile = "$L gcc -Iinclude -c a.c"

    private static let words: [Self] = [
        .init("an optimisation", "$L gcc -O2 -c plain.c", then: "$L gcc -O0 -c plain.c", is: "option", about: "-O0"),
        .init(
            "a macro's value",
            "$L gcc -DX=1 -c plain.c",
            then: "$L gcc -DX=2 -c plain.c",
            is: "option",
            about: "-DX=2"
        ),
        .init("a new macro", "$L gcc -c plain.c", then: "$L gcc -DY -c plain.c", is: "option", about: "-DY"),
        .init("a macro that is gone", "$L gcc -DY -c plain.c", then: "$L gcc -c plain.c", is: "option", about: "-DY"),
        .init("a macro apart", "$L gcc -D X -c plain.c", then: "$L gcc -D Y -c plain.c", is: "option", about: "Y"),
        .init(
            "a standard",
            "$L gcc -std=c11 -c plain.c",
            then: "$L gcc -std=c17 -c plain.c",
            is: "option",
            about: "-std=c17"
        ),
        .init("a warning", "$L gcc -c plain.c", then: "$L gcc -Wall -c plain.c", is: "option", about: "-Wall"),
        .init("a processor", "$L gcc -c plain.c", then: "$L gcc -mavx -c plain.c", is: "option", about: "-mavx"),
        .init("a forced header", compile, then: compile + " -include include/x.h", is: "option", about: "-include"),
        .init("a directory", compile, then: compile + " -I.", is: "option", about: "-I."),
        .init(
            "the order of words",
            "$L gcc -I. -Iinclude -c a.c",
            then: "$L gcc -Iinclude -I. -c a.c",
            is: "order"
        ),
        .init("debug information", "$L gcc -g1 -c plain.c", then: "$L gcc -g3 -c plain.c", is: "option", about: "-g3"),
        .init(
            "clang, an option",
            "$L clang -O1 -c plain.c",
            then: "$L clang -O2 -c plain.c",
            is: "option",
            about: "-O2"
        ),
        .init(
            "g++, a standard",
            "$L g++ -c plain.c",
            then: "$L g++ -std=c++17 -c plain.c",
            is: "option",
            about: "-std=c++17"
        ),
        .init(
            "a secret",
            "$L gcc -DTOKEN=a -c plain.c",
            then: "$L gcc -DTOKEN=b -c plain.c",
            is: "option",
            about: "-DTOKEN=#"
        ),
        .init(
            "the headers of the list",
            "$L gcc -MD -c plain.c",
            then: "$L gcc -MMD -c plain.c",
            is: "dependency_options"
        ),
        .init("another compiler", "$L gcc -c plain.c", then: "$L clang -c plain.c", is: "compiler"),
        .init("another name", "$L gcc -c plain.c", then: "$L g++ -c plain.c", is: "compiler", about: "g++"),
        .init(
            "a seen option",
            "$L gcc --coverage -c plain.c",
            then: "$L gcc --coverage -O1 -c plain.c",
            is: "option",
            about: "-O1"
        ),
        .init("assembly", "$L gcc -S plain.c", then: "$L gcc -S -O1 plain.c", is: "option", about: "-O1"),
        .init("preprocessing", "$L gcc -E plain.c", then: "$L gcc -E -P plain.c", is: "option", about: "-P"),
    ]

    private static let variables: [Self] = [
        .init("CPATH", "$L gcc -c plain.c", then: "CPATH=/opt $L gcc -c plain.c", is: "variable", about: "CPATH"),
        .init(
            "C_INCLUDE_PATH",
            "C_INCLUDE_PATH=/opt $L gcc -c plain.c",
            then: "C_INCLUDE_PATH=/srv $L gcc -c plain.c",
            is: "variable",
            about: "C_INCLUDE_PATH"
        ),
        .init(
            "a variable that is gone",
            "CPATH=/opt $L gcc -c plain.c",
            then: "$L gcc -c plain.c",
            is: "variable",
            about: "CPATH"
        ),
        .init(
            "clang, CPATH",
            "$L clang -c plain.c",
            then: "CPATH=/opt $L clang -c plain.c",
            is: "variable",
            about: "CPATH"
        ),
        .init(
            "the epoch",
            "SOURCE_DATE_EPOCH=1000000000 $L gcc -c date.c",
            then: "SOURCE_DATE_EPOCH=2000000000 $L gcc -c date.c",
            is: "variable",
            about: "SOURCE_DATE_EPOCH"
        ),
    ]

    private static let inputs: [Self] = [
        .init("a header", compile, change: "echo '#define X 2' > include/x.h", is: "file", about: "include/x.h"),
        .init("a source", "$L gcc -c plain.c", change: "echo 'int h;' > plain.c", is: "file", about: "plain.c"),
        .init(
            "clang, a header",
            "$L clang -Iinclude -c a.c",
            change: "echo '#define X 2' > include/x.h",
            is: "file",
            about: "include/x.h"
        ),
        .init(
            "a header by a link",
            "ln -sfn include way; $L gcc -Iway -c a.c",
            change: "mkdir next; echo '#define X 3' > next/x.h; rm way; ln -s next way",
            then: "$L gcc -Iway -c a.c",
            is: "file",
            about: "way/x.h"
        ),
        .init(
            "a header beside the source",
            compile,
            change: "echo '#define X 2' > x.h",
            is: "name_appeared",
            about: "x.h"
        ),
        .init(
            "a header before the other",
            "mkdir -p first; $L gcc -Ifirst -Iinclude -c a.c",
            change: "echo '#define X 2' > first/x.h",
            is: "name_appeared",
            about: "first/x.h"
        ),
        .init(
            "clang, a header before the other",
            "mkdir -p first; $L clang -Ifirst -Iinclude -c a.c",
            change: "echo '#define X 2' > first/x.h",
            is: "name_appeared",
            about: "first/x.h"
        ),
        .init(
            "a header that is gone",
            "mkdir -p first; [ -e gone ] || echo '#define X 2' > first/x.h; $L gcc -Ifirst -Iinclude -c a.c",
            change: "rm first/x.h; : > gone",
            is: "file_gone",
            about: "first/x.h"
        ),
        .init(
            "a compiler's script",
            "chmod +x testgcc; $L ./testgcc -c plain.c",
            change: "echo '# more' >> testgcc",
            is: "compiler",
            about: "testgcc"
        ),
        .init(
            "a file of assembly",
            "echo '.incbin \"blob\"' > b.s; [ -e blob ] || echo 1 > blob; $L gcc -c b.s",
            change: "echo 2 > blob",
            is: "file",
            about: "blob"
        ),
        .init(
            "a header of assembly output",
            "$L gcc -S -Iinclude a.c",
            change: "echo '#define X 2' > include/x.h",
            is: "file",
            about: "include/x.h"
        ),
        .init("evicted", "$L gcc -c plain.c", change: "$L gc --max-size 1 > gc.txt", is: "evicted"),
        .init(
            "evicted with its namespace",
            "export LARDER_NAMESPACE=n; $L gcc -c plain.c",
            change: "$L purge --namespace n > gc.txt",
            is: "evicted"
        ),
        .init(
            "evicted by the limit of its namespace",
            "export LARDER_NAMESPACE=n; $L gcc -c plain.c",
            change: "LARDER_NAMESPACE_SIZE=n=1 $L gc > gc.txt",
            is: "evicted"
        ),
    ]

    private static let settings: [Self] = [
        .init(
            "recache",
            "$L gcc -c plain.c",
            then: "LARDER_RECACHE=1 $L gcc -c plain.c",
            is: "setting",
            about: "recache"
        ),
        .init(
            "a namespace",
            "$L gcc -c plain.c",
            then: "LARDER_NAMESPACE=x $L gcc -c plain.c",
            is: "setting",
            about: "x"
        ),
        .init("a base directory", "$L gcc -c plain.c", then: "LARDER_BASE_DIR=$PWD $L gcc -c plain.c", is: "setting"),
        .init(
            "an option to ignore",
            "$L gcc -c plain.c",
            then: "LARDER_IGNORE_OPTIONS=-Wx $L gcc -c plain.c",
            is: "setting",
            about: "-Wx"
        ),
        .init(
            "macros of time",
            "$L gcc -c plain.c",
            then: "LARDER_TIME_MACROS=ignore $L gcc -c plain.c",
            is: "setting",
            about: "ignored"
        ),
        .init(
            "an extra input",
            "export LARDER_EXTRA_INPUTS=$PWD/more; [ -e more ] || echo 1 > more; $L gcc -c plain.c",
            change: "echo 2 > more",
            is: "setting"
        ),
    ]

    private static let places: [Self] = [
        .init(
            "another checkout",
            "$L gcc -g -c plain.c",
            change: "mkdir other; cp plain.c other",
            then: "cd other; $L gcc -g -c plain.c; cd ..",
            is: "directory",
            about: "/other"
        ),
        .init(
            "another checkout by clang",
            "$L clang -g -c plain.c",
            change: "mkdir other; cp plain.c other",
            then: "cd other; $L clang -g -c plain.c; cd ..",
            is: "directory",
            about: "/other"
        ),
        .init(
            "another checkout of a listing, which is kept for one directory",
            "$L gcc -S plain.c",
            change: "mkdir other; cp plain.c other",
            then: "cd other; $L gcc -S plain.c; cd ..",
            is: "directory",
            about: "/other"
        ),
        .init(
            "the name of the source",
            "$L gcc -c $PWD/file.c",
            change: "mkdir other; cp file.c other",
            then: "cd other; $L gcc -c $PWD/file.c; cd ..",
            is: "place"
        ),
    ]

    private static let refusals: [Self] = [
        .init("nothing before", ":", then: "$L gcc -c plain.c", is: "never_seen"),
        .init("the time", "$L gcc -c time.c", is: "refused", about: "time.c"),
        .init("an error", "echo 'int' > bad.c; $L gcc -c bad.c", is: "refused"),
        .init("the words of the compiler", ":", then: "$L gcc -v -c plain.c", is: "bypass", about: "-v"),
        .init("standard input", ":", then: "$L gcc -x c -c - -o a.o < plain.c", is: "bypass", about: "-"),
        .init("no compile", ":", then: "$L gcc --version", is: "bypass", about: "--version"),
        .init("a link", ":", then: "$L gcc main.c -o main", is: "bypass"),
        .init(
            "the time of a compile",
            ":",
            then: "$L gcc -ftime-report -c plain.c",
            is: "bypass",
            about: "-ftime-report"
        ),
    ]
}
