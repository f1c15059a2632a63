internal import Files

/// Passes on what a compiler says as it comes, line by line, and keeps it.
///
/// We run the compiler with options of ours. So lines that only they bring about are taken out; and from the first line on
/// that shows one of our names, or that our options may be the cause of, nothing is passed on until it is decided whether the
/// command has to run again as it was given.
final class OutputRelay: StreamReceiver {
    /// Words on the error stream after which nothing more is passed on.
    struct Sign {
        let text: Word
        /// How the line begins that it counts in; empty for any line.
        let beginning: Word

        init(_ text: Word, inLineOf beginning: Word = []) { (self.text, self.beginning) = (text, beginning) }
        init(_ text: StaticString, inLineOf beginning: StaticString = "") {
            self.init(Word(text), inLineOf: Word(beginning))
        }
    }

    /// How many bytes are kept; a compiler that says more is heard, and its result is not kept.
    static let limit = 32 << 20
    /// A line that is longer goes on in pieces.
    private static let longestLine = 1 << 20

    /// What the user is to hear, as far as it is kept.
    private(set) var streams = CapturedStreams()
    /// How many bytes of each stream have been passed on.
    private(set) var passed = (output: 0, error: 0)
    /// The errno for which one of our streams took no more; 0 while they take everything.
    private(set) var refusals: (output: Int32, error: Int32) = (0, 0)
    /// True when there was a sign that the command may have to run again.
    private(set) var hasSign = false
    /// The files of gcc's list.
    private(set) var headers: [Word] = []
    private var isRefused: Bool { refusals.output != 0 || refusals.error != 0 }
    private var hasLost = false

    private var lines = (output: LineAssembler(), error: LineAssembler())
    private var isHeld: Bool
    private let signs: [Sign]
    private var trace: HeaderTrace?

    /// - Parameters:
    ///   - isHeld: nothing is passed on before ``release()``.
    ///   - tracesHeaders: the error stream holds the list of gcc's `-H` as well.
    init(isHeld: Bool, signs: [Sign], tracesHeaders: Bool) {
        self.isHeld = isHeld
        self.signs = signs
        trace = tracesHeaders ? HeaderTrace() : nil
    }

    /// True when a part of it has been heard already.
    var hasSpoken: Bool { passed.output > 0 || passed.error > 0 }

    /// False when one of our streams took no more, or lines were dropped that nobody has heard.
    var isComplete: Bool { !isRefused && !hasLost }

    func take(_ bytes: UnsafeRawBufferPointer, of stream: StandardStream) -> Bool {
        let whole =
            stream == .output
            ? lines.output.add(bytes, upTo: Self.longestLine) : lines.error.add(bytes, upTo: Self.longestLine)
        return whole.isEmpty || hear(whole, stream)
    }

    /// The compiler has ended: what stands behind the last line feed is a line as well.
    func end() {
        for (stream, rest) in [(StandardStream.output, lines.output.end()), (.error, lines.error.end())]
        where !rest.isEmpty {
            _ = hear(rest, stream)
        }
    }

    /// Passes on what was held back; false when our streams did not take everything.
    func release() -> Bool {
        isHeld = false
        if !isRefused {
            _ = pass(streams.output.dropFirst(passed.output), .output)
            _ = pass(streams.error.dropFirst(passed.error), .error)
        }
        return isComplete
    }

    private func hear(_ text: [UInt8], _ stream: StandardStream) -> Bool {
        guard stream == .error else { return keep(text[...], stream) }
        let text = trace == nil ? text : withoutTrace(text)
        guard !hasSign, let sign = start(ofSignIn: text) else { return keep(text[...], stream) }
        let isTaken = keep(text[..<sign], stream)
        (hasSign, isHeld) = (true, true)
        return keep(text[sign...], stream) && isTaken
    }

    private func keep(_ text: ArraySlice<UInt8>, _ stream: StandardStream) -> Bool {
        let isTaken = isHeld || pass(text, stream)
        if !streams.isWhole || streams.output.count + streams.error.count + text.count > Self.limit {
            streams.isWhole = false
            if isHeld { hasLost = true }
        } else if stream == .output {
            streams.output += text
        } else {
            streams.error += text
        }
        Crash.childSpoke(hasSpoken, holdsWords: isHeld || !isComplete)
        return isTaken
    }

    private func pass(_ text: ArraySlice<UInt8>, _ stream: StandardStream) -> Bool {
        let code = text.withUnsafeBytes(stream.write)
        if stream == .output {
            passed.output += code == 0 ? text.count : 0
            if refusals.output == 0 { refusals.output = code }
        } else {
            passed.error += code == 0 ? text.count : 0
            if refusals.error == 0 { refusals.error = code }
        }
        if code != 0 { streams.isWhole = false }
        return code == 0
    }

    private func withoutTrace(_ text: [UInt8]) -> [UInt8] {
        var rest: [UInt8] = []
        rest.reserveCapacity(text.count)
        for line in text.lines {
            switch trace?.read(line) {
            case .header(let path): headers.append(path)
            case .advice: break
            case .other, nil: rest += line
            }
        }
        return rest
    }

    /// Where the first line with a sign begins.
    private func start(ofSignIn text: [UInt8]) -> Int? {
        signs.compactMap { sign in
            var from = 0
            while let found = text.firstIndex(of: sign.text, from: from) {
                let start = text[..<found].lastIndex(of: 10).map { $0 + 1 } ?? 0
                if text[start...].starts(with: sign.beginning) { return start }
                from = found + 1
            }
            return nil
        }.min()
    }
}

/// Leaves out what has been heard already when a command runs again.
///
/// A compiler that says the same is not heard twice; from the first line on that differs everything passes.
final class RepeatedOutput: StreamReceiver {
    private struct Stream {
        var heard: ArraySlice<UInt8>
        /// What was heard and is not kept.
        var rest: Int
        var lines = LineAssembler()
    }

    private var output: Stream
    private var error: Stream

    init(after relay: OutputRelay) {
        let (passed, streams) = (relay.passed, relay.streams)
        func stream(_ text: [UInt8], _ count: Int) -> Stream {
            Stream(heard: text.prefix(count), rest: max(0, count - text.count))
        }
        output = stream(streams.output, passed.output)
        error = stream(streams.error, passed.error)
    }

    func take(_ bytes: UnsafeRawBufferPointer, of stream: StandardStream) -> Bool {
        stream == .output ? Self.pass(bytes, &output, to: stream) : Self.pass(bytes, &error, to: stream)
    }

    /// The command has ended.
    func end() {
        _ = Self.say(output.lines.end(), &output, to: .output)
        _ = Self.say(error.lines.end(), &error, to: .error)
    }

    private static func pass(_ bytes: UnsafeRawBufferPointer, _ state: inout Stream, to stream: StandardStream) -> Bool
    {
        say(state.lines.add(bytes, upTo: 1 << 20), &state, to: stream)
    }

    private static func say(_ text: [UInt8], _ state: inout Stream, to stream: StandardStream) -> Bool {
        var start = 0
        if !state.heard.isEmpty {
            let same = zip(text, state.heard).prefix { $0 == $1 }.count
            start = same
            if same < text.count, same < state.heard.count {
                // Something else: from this line on.
                start = text[..<same].lastIndex(of: 10).map { $0 + 1 } ?? 0
                (state.heard, state.rest) = ([], 0)
            } else {
                state.heard = state.heard.dropFirst(same)
            }
        }
        if state.heard.isEmpty, state.rest > 0 {
            let skipped = min(state.rest, text.count - start)
            (start, state.rest) = (start + skipped, state.rest - skipped)
        }
        return start == text.count || text[start...].withUnsafeBytes(stream.write) == 0
    }
}

/// Bytes as they come, given on in whole lines.
struct LineAssembler {
    private var rest: [UInt8] = []

    /// Takes `bytes`; returns what is whole lines now, or too long for one.
    mutating func add(_ bytes: UnsafeRawBufferPointer, upTo longest: Int) -> [UInt8] {
        guard let last = bytes.lastIndex(of: 10) else {
            rest += bytes
            return rest.count > longest ? end() : []
        }
        let whole = rest + bytes[...last]
        rest = Array(bytes[(last + 1)...])
        return whole
    }

    /// What there is, a line or not.
    mutating func end() -> [UInt8] {
        defer { rest = [] }
        return rest
    }
}

extension [UInt8] {
    /// Each line with its line feed, which the last one may lack.
    var lines: [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < count {
            let end = self[start...].firstIndex(of: 10).map { $0 + 1 } ?? count
            lines.append(self[start..<end])
            start = end
        }
        return lines
    }
}
