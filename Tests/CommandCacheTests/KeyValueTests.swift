import Foundation
import TestSupport
import Testing

/// `larder kv`, as scripts use it.
@Suite struct KeyValueTests {
    private func shell(_ script: String, in workshop: Workshop) throws -> Workshop.Outcome {
        try workshop.run(
            ["bash", "-c", "kv() { \"$L\" kv \"$@\"; }\n" + script],
            environment: ["L": Workshop.larder.path]
        )
    }

    @Test func `a value comes back byte for byte, is replaced and goes`() throws {
        let workshop = try Workshop()
        let outcome = try shell(
            """
            printf 'a\\0b\\r\\n\\377' | kv put n k; kv get n k | od -An -c; : | kv put n k; kv get n k | wc -c
            head -c 5000000 /dev/zero | tr '\\0' x | kv put n k; kv get n k | wc -c
            kv delete n k; echo $?; kv delete n k; echo $?; kv get n k; echo $?; kv get other k; echo $?
            """,
            in: workshop
        )
        #expect(outcome.outputText == "   a  \\0   b  \\r  \\n 377\n0\n5000000\n0\n1\n1\n1\n")
        #expect(outcome.errorText.isEmpty)
    }

    @Test func `keys are listed in order, one a line, of one namespace`() throws {
        let workshop = try Workshop()
        let outcome = try shell(
            """
            for key in b a 'with blank' $'line\\nbreak' $'tab\\t' 'back\\slash' ä $'\\xff' $'\\e[31m' /../x; do echo | kv put n "$key"; done
            echo | kv put m elsewhere; kv list n; kv list none; echo $?; kv list n -0 | tr '\\0\\n' '|_'
            """,
            in: workshop
        )
        let lines = outcome.output.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
        #expect(
            lines.prefix(11) == [
                "\\x1b[31m", "/../x", "a", "b", "back\\\\slash", "line\\nbreak", "tab\\t", "with blank", "ä", "\\xff",
                "0",
            ]
        )
        #expect(outcome.output.suffix(70).contains(UInt8(ascii: "_")))
    }

    @Test func `names are checked`() throws {
        let workshop = try Workshop()
        for words in [
            ["get", "", "k"], ["get", "../x", "k"], ["get", ".x", "k"], ["get", "n", ""], ["get", "n"], ["list"],
            ["list", "n", "k"], ["frob", "n", "k"], ["get", "n", String(repeating: "k", count: 1025)], [],
        ] {
            let outcome = try workshop.larder(["kv"] + words)
            #expect(outcome.status == 2 && outcome.errorText.filter { $0 == "\n" }.count == 1, "\(words)")
        }
        #expect(!FileManager.default.fileExists(atPath: workshop.cache.path))
    }

    @Test func `readers see one value or another, never a mixture`() throws {
        let workshop = try Workshop()
        let outcome = try shell(
            """
            put() { head -c 300000 /dev/zero | tr '\\0' "$1" | kv put n k; }
            put a
            (for n in 1 2 3 4 5 6 7 8; do put a; put b; done) &
            for n in $(seq 20); do kv get n k | fold -w 1 2>/dev/null | sort -u | wc -l; done | sort -u; wait
            """,
            in: workshop
        )
        #expect(outcome.outputText == "1\n")
    }

    @Test func `a damaged value is none, and a cache that cannot be written says so`() throws {
        let workshop = try Workshop()
        #expect(try shell("echo value | kv put n k", in: workshop).status == 0)
        let entries = workshop.cache.appendingPathComponent("entries")
        let name = try #require(
            FileManager.default.enumerator(atPath: entries.path)?.compactMap { $0 as? String }.first { $0.count > 20 }
        )
        var data = try Data(contentsOf: entries.appendingPathComponent(name))
        data[data.count - 2] ^= 1
        try data.write(to: entries.appendingPathComponent(name))
        let damaged = try shell("kv get n k", in: workshop)
        #expect(damaged.status == 1 && damaged.output.isEmpty)
        let refused = try shell("echo value | LARDER_READONLY=1 kv put n k", in: workshop)
        #expect(refused.status == 1 && refused.errorText.contains("cannot be written"))
    }

    @Test func `values are counted, cleared and verified like all entries`() throws {
        let workshop = try Workshop()
        #expect(
            try shell("echo 1 | kv put n k; kv get n k; kv get n other; kv put n big < /dev/null", in: workshop).status
                == 0
        )
        let counters = try workshop.counters()
        #expect(counters.hits == 1 && counters.misses == 1 && counters.entries == 2)
        #expect(try workshop.larder(["verify"]).status == 0)
        try workshop.larder(["clear", "-y"])
        #expect(try shell("kv get n k", in: workshop).status == 1)
    }
}
