import Foundation
import TestSupport
import Testing

/// Commands that say how long they took: no two runs of them are equal, whatever else their words ask for.
@Suite struct MeasurementTests {
    @Test(arguments: [
        "gcc -S -ftime-report a.c", "gcc -S -time a.c", "gcc -S -Q a.c", "gcc --coverage -c a.c -ftime-report",
        "gcc --coverage -c a.c -Wa,--statistics", "clang -S -ftime-report a.c", "clang -S -ftime-trace a.c",
        "clang -c -Xclang -ftime-report a.c", "gfortran -c b.f90 -ftime-report", "as --statistics c.s -o c.o",
    ]) func `a measurement is not kept`(_ line: String) throws {
        let workshop = try Workshop()
        try workshop.write("int f(int a) { return a; }\n", to: "a.c")
        try workshop.write("subroutine s\nend subroutine\n", to: "b.f90")
        try workshop.write(".globl c\nc: ret\n", to: "c.s")
        let counted = try workshop.counting {
            for _ in 1...2 {
                let outcome = try workshop.larder(line.split(separator: " ").map(String.init))
                #expect(outcome.status == 0, "\(outcome.errorText)")
            }
        }
        #expect(counted.hits == 0)
        #expect(try workshop.larder(["stats"]).outputText.contains("timing"))
    }

    /// The format, or a word for the date, may stand in a file.
    @Test(arguments: ["nasm -@ words a.asm -o a.o", "nasm -f win64 -o -felf64 a.asm"])
    func `nasm with words that are not those of the command line is not kept`(_ line: String) throws {
        let workshop = try Workshop()
        try workshop.write("section .text\nnop\n", to: "a.asm")
        try workshop.write("-f win64\n", to: "words")
        let counted = try workshop.counting {
            for _ in 1...2 {
                let outcome = try workshop.larder(line.split(separator: " ").map(String.init))
                #expect(outcome.status == 0, "\(outcome.errorText)")
            }
        }
        #expect(counted.hits == 0)
    }
}
