import Foundation
import TestSupport
import Testing

/// Many launchers at a time, also while the cache is cleared, swept and verified.
@Suite struct StormTests {
    private func check(_ workshop: Workshop, _ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws
    {
        let outcome = try workshop.run(["bash", "-c", script], environment: ["L": Workshop.larder.path])
        #expect(outcome.status == 0, "\(outcome.outputText)\(outcome.errorText)", sourceLocation: sourceLocation)
        #expect(outcome.outputText == "", sourceLocation: sourceLocation)
        #expect(outcome.errorText == "", sourceLocation: sourceLocation)
        #expect(try workshop.larder(["verify"]).status == 0, sourceLocation: sourceLocation)
        let names = FileManager.default.enumerator(atPath: workshop.directory.path)?.compactMap { $0 as? String } ?? []
        #expect(
            !names.contains { $0.contains(".tmp.") },
            "\(names.filter { $0.contains(".tmp.") })",
            sourceLocation: sourceLocation
        )
    }

    @Test func `compiles with different options into one file keep their own results`() throws {
        let workshop = try Workshop()
        try workshop.write("int a = V;\n", to: "a.c")
        try check(
            workshop,
            """
            $L gcc -c -DV=0 a.c -o a.o
            for i in 1 2 3 4 5 6 7 8; do
                for j in 1 2 3 4 5 6; do $L gcc -DV=$i$j -c a.c -o a.o || echo failed & done; wait
                for j in 1 2 3 4 5 6; do
                    $L gcc -DV=$i$j -c a.c -o b.o; gcc -DV=$i$j -c a.c -o c.o
                    cmp b.o c.o || echo "wrong object for $i$j"
                done
            done
            """
        )
    }

    @Test func `50 compiles of one file at a time, into one file and into 50`() throws {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        try check(
            workshop,
            """
            gcc -c a.c -o bare.o
            for i in $(seq 50); do $L gcc -c a.c -o one.o || echo failed & done; wait; cmp one.o bare.o
            for i in $(seq 50); do $L gcc -c a.c -o $i.o || echo failed & done; wait
            for i in $(seq 50); do cmp $i.o bare.o; done
            """
        )
    }

    @Test func `8 writers and 8 keys, and each writer sees every key`() throws {
        let workshop = try Workshop()
        try workshop.write("int a = V;\n", to: "a.c")
        try check(
            workshop,
            """
            for k in $(seq 8); do gcc -DV=$k -c a.c -o bare$k.o; done
            for w in $(seq 8); do
                for k in $(seq 8); do $L gcc -DV=$k -c a.c -o $w-$k.o || echo failed; cmp $w-$k.o bare$k.o; done &
            done; wait
            """
        )
        let counters = try workshop.counters()
        #expect(counters.hits + counters.misses == 64)
    }

    @Test(arguments: ["", "60000"])
    func `a storm of compiles, clear, gc and verify ends with the right objects`(size: String) throws {
        let workshop = try Workshop()
        for number in 0..<10 {
            try workshop.write(
                "#include \"a.h\"\nint a\(number) = A;\nint more[2000] = { \(number) };\n",
                to: "\(number).c"
            )
        }
        try workshop.write("#define A 1\n", to: "a.h")
        try check(
            workshop,
            """
            export LARDER_MAX_SIZE=\(size)
            for n in $(seq 0 9); do gcc -c $n.c -o bare$n.o; done
            (while [ ! -e stop ]; do
                for command in "clear -y" gc verify; do
                    $L $command > said 2>&1; s=$?
                    # 1 is a verify that met an entry which was just being cleared or evicted: it may not call that damage.
                    [ $s = 0 ] || { echo "$command: $s"; cat said; }
                done
            done) & keeper=$!
            for w in 1 2 3 4; do
                for i in $(seq 20); do
                    n=$(( (i * 7 + w) % 10 ))
                    $L gcc -c $n.c -o $w.o || echo failed; cmp $w.o bare$n.o
                done & writers="$writers $!"
            done
            wait $writers; : > stop; wait $keeper; rm -f said stop
            """
        )
    }
}
