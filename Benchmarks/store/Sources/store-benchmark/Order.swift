import Glibc

/// What the benchmark tells its processes, one line each, the same for all engines.
///
///     order  ::= action size start seconds LF         "get 1024 81273912731 0.25"
///     action ::= "fill"                               publish all keys once
///              | "get" | "put" | "put-flushed"        until `seconds` after `start`, CLOCK_MONOTONIC in nanoseconds;
///                                                     where `start` is 0, each key once, to get ready
///     answer ::= operations nanoseconds median LF     how many, when the last one ended after `start`, and the median
struct Order {
    enum Action: String {
        case fill, get, put
        case flushedPut = "put-flushed"
    }

    var action: Action
    var size: Int
    var start: Int
    var nanoseconds: Int

    init?(_ line: String) {
        let words = line.split(separator: " ")
        guard words.count == 4, let action = Action(rawValue: String(words[0])), let size = Int(words[1]),
            let start = Int(words[2]), let seconds = Double(words[3])
        else { return nil }
        (self.action, self.size, self.start) = (action, size, start)
        nanoseconds = Int(seconds * 1e9)
    }
}

/// What a process has measured.
struct Sample: CustomStringConvertible {
    var times: [Int] = []
    var nanoseconds = 0

    var description: String { "\(times.count) \(nanoseconds) \(times.sorted()[times.count / 2])" }
}

func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

func answer(_ line: String) {
    print(line)
    fflush(nil)
}
