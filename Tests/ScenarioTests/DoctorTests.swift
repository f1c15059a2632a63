import Foundation
import TestSupport
import Testing

/// Something that is wrong, what `larder doctor` says of it, and that its remedy works.
struct DoctorFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Lines of a shell that make it wrong; `$L` is the launcher, `bin` a directory for links.
    let fault: String
    /// What a finding says, with one severity.
    let severity: String
    let said: String
    /// Lines of a shell that follow the remedy.
    let remedy: String

    init(_ name: String, _ fault: String, says said: String, as severity: String = "warning", remedy: String) {
        (testDescription, self.fault, self.said, self.severity, self.remedy) = (name, fault, said, severity, remedy)
    }

    private static let cache = "$L gcc -c a.c; "

    static let all: [Self] = directories + settings + remote + programs

    private static let directories: [Self] = [
        .init("a file in the way", "echo > .cache", says: "is no directory", as: "error", remedy: "rm .cache"),
        .init(
            "a link to nowhere",
            "ln -s nowhere .cache",
            says: "a link that leads nowhere",
            as: "error",
            remedy: "rm .cache"
        ),
        .init(
            "no place for it",
            "echo > file; export LARDER_DIR=$PWD/file/cache",
            says: "cannot be made in ",
            as: "error",
            remedy: "export LARDER_DIR=$PWD/.cache"
        ),
        .init("others may look", cache + "chmod 777 .cache", says: "others may write into", remedy: "chmod 700 .cache"),
        .init(
            "other files",
            "mkdir -m 700 .cache; echo > .cache/novel.txt",
            says: "holds no cache but other files",
            as: "error",
            remedy: "rm .cache/novel.txt"
        ),
        .init(
            "the future",
            cache + "touch -d 2100-01-01 .cache/usage",
            says: "is from the future",
            remedy: "touch .cache/usage"
        ),
        .init(
            "a result that differed",
            "printf 'const char t[] = __TIME__;' > t.c; export LARDER_TIME_MACROS=ignore LARDER_VERIFY_HITS=1/1; "
                + "until $L stats | grep -q 'result differs'; do $L gcc -c t.c; done",
            says: "different when made again",
            remedy: "unset LARDER_VERIFY_HITS; $L clear -y > cleared.txt"
        ),
        .init(
            "a variable that is misspelt",
            "export LARDER_MAXSIZE=5G",
            says: "LARDER_MAXSIZE is set, which is no setting",
            remedy: "unset LARDER_MAXSIZE"
        ),
        .init(
            "larger than the disk",
            cache + "$L config set max_size 900TiB",
            says: "more than the file system has",
            remedy: "$L config set max_size 100MiB"
        ),
        .init(
            "another format",
            cache + "echo 'larder 99' > .cache/format",
            says: "holds cache format 99",
            as: "error",
            remedy: "$L clear --yes > clear.txt"
        ),
        .init(
            "larger than the disk, by a variable",
            "export LARDER_MAX_SIZE=900TiB; mkdir -m 700 .cache",
            says: "more than the file system has",
            remedy: "unset LARDER_MAX_SIZE"
        ),
    ]

    private static let remote: [Self] = [
        .init(
            "an address that is none",
            "export LARDER_REMOTE=nonsense",
            says: "is no address of a remote cache",
            remedy: "unset LARDER_REMOTE"
        ),
        .init(
            "remote caches without the daemon",
            "export LARDER_REMOTE=redis://localhost LARDER_DAEMON=off",
            says: "only the daemon asks them",
            remedy: "export LARDER_DAEMON=auto"
        ),
        .init(
            "no key to sign with",
            "export LARDER_REMOTE=redis://localhost LARDER_DAEMON=auto LARDER_REMOTE_KEY=$PWD/key",
            says: "which is no file",
            remedy: "$L remote keygen key > public.txt"
        ),
    ]

    private static let settings: [Self] = [
        .init("disabled", "export LARDER_DISABLE=1", says: "nothing is cached", remedy: "unset LARDER_DISABLE"),
        .init(
            "disabled in a file",
            cache + "$L config set disable yes",
            says: "disable (set by",
            remedy: "sed -i /disable/d .cache/larder.conf"
        ),
        .init(
            "never looked up",
            "export LARDER_RECACHE=1",
            says: "nothing is looked up",
            remedy: "unset LARDER_RECACHE"
        ),
        .init(
            "a log that is a pipe",
            "mkfifo pipe; export LARDER_LOG=$PWD/pipe",
            says: "no regular file",
            remedy: "unset LARDER_LOG"
        ),
        .init(
            "a log in no directory",
            "export LARDER_LOG=$PWD/none/log",
            says: "which cannot be written",
            remedy: "unset LARDER_LOG"
        ),
        .init(
            "a base that is gone",
            "export LARDER_BASE_DIR=$PWD/gone",
            says: "/gone, which is not there",
            remedy: "unset LARDER_BASE_DIR"
        ),
        .init(
            "a prefix that is no command",
            "export LARDER_PREFIX_COMMAND=no-such-distcc",
            says: "no command here",
            remedy: "unset LARDER_PREFIX_COMMAND"
        ),
        .init(
            "an extra input that is gone",
            "export LARDER_EXTRA_INPUTS=$PWD/gone",
            says: "no file that can be read",
            remedy: "unset LARDER_EXTRA_INPUTS"
        ),
        .init(
            "nothing looked up, nothing stored",
            "export LARDER_RECACHE=1 LARDER_READONLY=1",
            says: "nothing is looked up and nothing is stored",
            remedy: "unset LARDER_RECACHE LARDER_READONLY"
        ),
        .init(
            "hits made again where nothing is stored",
            "export LARDER_VERIFY_HITS=1/5 LARDER_READONLY=1",
            says: "verify_hits (set by LARDER_VERIFY_HITS) has no effect",
            remedy: "unset LARDER_VERIFY_HITS LARDER_READONLY"
        ),
        .init("a bad value", "export LARDER_MAX_SIZE=lots", says: "lots", as: "error", remedy: "unset LARDER_MAX_SIZE"),
        .init(
            "a bad line",
            cache + "echo 'max_size = lots' > .cache/larder.conf",
            says: "lots",
            as: "error",
            remedy: "rm .cache/larder.conf"
        ),
        .init(
            "a name that is none",
            cache + "echo 'maxsize = 1G' > .cache/larder.conf",
            says: "is no setting",
            remedy: "rm .cache/larder.conf"
        ),
        .init(
            "what a project may not set",
            "mkdir .git; echo 'dir = /tmp/x' > .larder.conf",
            says: "a project's file may not set",
            remedy: "rm .larder.conf"
        ),
    ]

    private static let programs: [Self] = [
        .init(
            "a link to nothing",
            "ln -s nowhere bin/gcc",
            says: "bin/gcc is a link that leads nowhere",
            remedy: "rm bin/gcc"
        ),
        .init(
            "a link behind the compiler",
            "ln -s $L bin/gcc; export PATH=/usr/bin:/bin:$PWD/bin",
            says: "comes before it in PATH",
            remedy: "export PATH=$PWD/bin:$PATH"
        ),
        .init(
            "another cache first",
            "mkdir other; echo > other/ccache; chmod +x other/ccache; ln -s ccache other/gcc; ln -s $L bin/gcc; OLD=$PATH; export PATH=$PWD/other:$PATH",
            says: "other/gcc leads to ccache",
            remedy: "export PATH=$OLD"
        ),
        .init(
            "a link without its compiler",
            "ln -s $L bin/emcc; mkdir tools; echo > tools/gcc; chmod +x tools/gcc; export PATH=$PWD/bin:$PWD/tools",
            says: "no emcc is in PATH",
            remedy: "/bin/rm bin/emcc"
        ),
        .init(
            "no compiler",
            "OLD=$PATH; export PATH=/nowhere",
            says: "no compiler is in PATH",
            remedy: "export PATH=$OLD"
        ),
        .init(
            "another cache for cargo",
            "echo > bin/sccache; chmod +x bin/sccache; export RUSTC_WRAPPER=sccache",
            says: "another cache, sccache",
            remedy: "export RUSTC_WRAPPER=$L"
        ),
        .init(
            "a launcher that is gone",
            "export CMAKE_C_COMPILER_LAUNCHER=no-such-cache",
            says: "no command here",
            remedy: "export CMAKE_C_COMPILER_LAUNCHER=$L"
        ),
        .init(
            "a daemon that is stopped",
            "export LARDER_DAEMON=auto; $L daemon start > d.txt; P=$($L daemon status --json | sed -n 's/.*\"pid\": //p' | tr -d ,); [ \"$P\" ] || exit 1; kill -STOP $P; while ! grep -q '^State:.T' /proc/$P/status; do :; done",
            says: "is stopped",
            remedy: "kill -CONT $P; $L daemon stop > d.txt; export LARDER_DAEMON=off"
        ),
    ]
}

@Suite struct DoctorTests {
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try workshop.write("", to: "bin/empty")
        return workshop
    }

    @Test func `a cache directory that cannot be used is a finding`() throws {
        let workshop = try workshop()
        let outcome = try workshop.larder(["doctor", "--json"], environment: ["LARDER_DIR": "relative"])
        #expect(outcome.status == 1 && outcome.error.isEmpty, "\(outcome)")
        let json = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
        let findings = json?["findings"] as? [[String: String]] ?? []
        #expect(findings.contains { $0["severity"] == "error" && $0["sentence"]?.contains("LARDER_DIR") == true })
    }

    @Test(arguments: DoctorFault.all)
    func `what is wrong is named, and the remedy works`(fault: DoctorFault) throws {
        let outcome = try workshop().run(
            [
                "/bin/bash", "-c",
                """
                export PATH=$PWD/bin:$PATH
                { \(fault.fault); } 2> fault.txt
                $L doctor; echo $?; $L doctor --json > said.json
                { \(fault.remedy); } 2> remedy.txt
                echo ===; $L doctor; echo $?
                """,
            ],
            environment: ["L": Workshop.larder.path]
        )
        let parts = outcome.outputText.split(separator: "===\n", omittingEmptySubsequences: false)
        try #require(parts.count == 2, "\(outcome.outputText) \(outcome.errorText)")
        let lines = parts[0].split(separator: "\n")
        #expect(
            lines.contains { $0.hasPrefix(fault.severity + ": ") && $0.contains(fault.said) },
            "\(outcome.outputText)"
        )
        #expect(lines.contains { $0.hasPrefix("    what helps: ") } && lines.last == "1", "\(outcome.outputText)")
        #expect(!parts[1].contains(fault.said), "\(outcome.outputText)")
        #expect(parts[1].hasSuffix("\n0\n"), "\(outcome.outputText)")
    }

    @Test func `nothing is found where nothing is wrong, and nothing is made`() throws {
        let workshop = try workshop()
        let outcome = try workshop.larder(["doctor"])
        #expect(
            outcome.status == 0 && outcome.outputText.hasPrefix("Nothing is wrong with the cache in "),
            "\(outcome.outputText)"
        )
        #expect(!FileManager.default.fileExists(atPath: workshop.cache.path))
    }

    @Test func `a cache that is only read, or that others may look into, is well`() throws {
        let workshop = try workshop()
        let made = try workshop.run(
            ["sh", "-c", "$L gcc -c a.c; chmod 755 .cache; export LARDER_READONLY=1; $L doctor"],
            environment: ["L": Workshop.larder.path]
        )
        #expect(
            made.status == 0 && made.outputText.hasPrefix("note: settings: read_only (set by LARDER_READONLY)"),
            "\(made.outputText)"
        )
    }

    @Test(arguments: [
        (
            "mkdir -m 700 .cache; echo 'max_size = 5GiB' > .cache/larder.conf; export LARDER_MAX_SIZE=2GiB",
            "max_size by LARDER_MAX_SIZE counts"
        ),
        ("export CCACHE_DIR=/x CCACHE_NOHASHDIR=1", "CCACHE_DIR, CCACHE_NOHASHDIR are set"),
    ])
    func `what is no fault is a note`(lines: String, said: String) throws {
        let outcome = try workshop().run(["sh", "-c", "\(lines); $L doctor"], environment: ["L": Workshop.larder.path])
        #expect(outcome.status == 0, "\(outcome.outputText)")
        #expect(outcome.outputText.contains("note: ") && outcome.outputText.contains(said), "\(outcome.outputText)")
    }

    @Test func `what was looked at is shown, in the order of PATH`() throws {
        let workshop = try workshop()
        let outcome = try workshop.run(
            [
                "sh", "-c",
                """
                $L gcc -c a.c; mkdir static; ln -s $L bin/gcc
                echo 'int main(void) { return 0; }' > m.c; /usr/bin/gcc -static m.c -o static/gcc
                export PATH=$PWD/bin:$PWD/static:/usr/bin:/bin
                $L doctor --verbose; $L doctor --json > facts.json
                """,
            ],
            environment: ["L": Workshop.larder.path]
        )
        #expect(outcome.status == 0, "\(outcome.outputText)")
        let rows = outcome.outputText.split(separator: "\n").map { $0.split(separator: " ") }
        let compilers = rows.filter { $0.first == "compilers" && $0.dropFirst().first == "gcc" }.map {
            $0.dropFirst(2).joined(separator: " ")
        }
        let place = workshop.directory.path
        #expect(
            compilers == [
                "\(place)/bin/gcc: larder", "\(place)/static/gcc: cannot be traced", "/usr/bin/gcc: can be traced",
                "/bin/gcc: can be traced",
            ],
            "\(outcome.outputText)"
        )
        let facts = rows.filter { $0.starts(with: ["file", "system"]) }.compactMap { $0.dropFirst(2).first }
        #expect(facts == ["type", "space", "inodes", "reflinks", "locks", "identities"])
        #expect(outcome.outputText.contains("the kernel's"), "\(outcome.outputText)")
        let bytes = try #require(workshop.read("facts.json"))
        let json = try JSONSerialization.jsonObject(with: bytes) as? [String: [[String: String]]]
        let names = Set(json?["facts"]?.compactMap { $0["name"] } ?? [])
        #expect(names.isSuperset(of: ["directory", "owner", "reflinks", "locks", "gcc", "state"]), "\(names)")
    }

    @Test func `the JSON has what the text has`() throws {
        let workshop = try workshop()
        let outcome = try workshop.larder(
            ["doctor", "--json"],
            environment: ["LARDER_DISABLE": "1", "RUSTC_WRAPPER": "no-such-wrapper"]
        )
        let json = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: [[String: String]]])
        #expect(outcome.status == 1)
        #expect(json["findings"]?.map { $0["area"] } == ["settings", "environment"])
        #expect(
            json["findings"]?.allSatisfy { $0["severity"] == "warning" && $0["remedy"]?.hasPrefix("unset ") == true }
                == true
        )
    }
}
