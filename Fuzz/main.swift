import Files

// larder-fuzz TARGET [SECONDS [SEED]]
//
// Built with -sanitize=fuzzer and -DLIBFUZZER the rest of the words is libFuzzer's (`make fuzz`); otherwise a driver of our
// own changes the examples. A reader that crashes, hangs or takes much memory ends the program.
Fuzz.main()

enum Fuzz {
    /// No reader takes more than this, whatever a few bytes ask for.
    private static let memoryLimit: Int64 = 512 << 20

    static func main() {
        let words = CommandLine.arguments
        let directory = Path("/tmp/larder-fuzz-\(CurrentProcess.id)")
        defer { Directory.removeTree(directory) }
        guard words.count > 1, let target = Target.all(in: directory).first(where: { $0.name == words[1] }) else {
            print("usage: larder-fuzz (frames | handover | manifest | toolchain | entry | notes) [SECONDS [SEED]]")
            Directory.removeTree(directory)
            Child.exitNow(2)
        }
        #if LIBFUZZER
        LibFuzzer.run(target, words)
        #else
        let seconds = words.count > 2 ? Int64(words[2]) ?? 1 : 1
        run(target, seconds: seconds, seed: words.count > 3 ? UInt64(words[3]) ?? 1 : 1)
        #endif
    }

    private static func run(_ target: Target, seconds: Int64, seed: UInt64) {
        for example in target.examples { target.read(example) }
        let before = DetachedProcess.residentBytes
        let end = Clock.monotonic + seconds * 1_000_000_000
        var mutation = Mutation(seed: seed)
        var (count, longest): (Int, Int64) = (0, 0)
        while Clock.monotonic < end {
            let start = Clock.monotonic
            for _ in 0..<64 { target.read(mutation.mutated(mutation.choose(target.examples), with: target.examples)) }
            longest = max(longest, Clock.monotonic - start)
            count += 64
            guard DetachedProcess.residentBytes < memoryLimit else { fatalError("\(target.name): too much memory") }
        }
        let grown = (DetachedProcess.residentBytes - before) >> 20
        print("\(target.name): \(count) inputs, \(grown) MiB more, 64 took \(longest / 1_000_000) ms at most")
    }
}
