internal import Files
internal import Foundation
internal import LarderStore

// One process of a test or a measurement that needs several: holds locks, dies with them, counts under them, reads and
// refreshes a document.
//
//     LockProbe hold STORE NAME MODE TIMEOUT       takes the lock, says "held", keeps it until its input ends
//     LockProbe die STORE NAME MODE exit|abort|kill takes the lock, says how long that took in microseconds, and dies
//     LockProbe count STORE NAME MODE ROUNDS FILE  adds one to the number in FILE, ROUNDS times, each under the lock
//     LockProbe read STORE COUNT                   reads the document COUNT times, says how often it was not whole
//     LockProbe publish STORE ROUNDS               publishes the documents 1 ... ROUNDS
//     LockProbe refresh STORE LOG SECONDS AGE      refreshes the document; whoever makes one adds a line to LOG
//     LockProbe bench STORE MODE                   measures the locks against their targets

signal(SIGPIPE, SIG_IGN)
let words = Array(CommandLine.arguments.dropFirst())

/// Says it at once: whoever started us waits for it.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

func fail(_ error: any Error) -> Never {
    FileHandle.standardError.write(Data("LockProbe: \(error)\n".utf8))
    exit((error as? LockError)?.code == .timedOut ? 75 : 1)
}

func options(_ mode: String, seconds: Double) -> WriterLock.Options {
    var options = WriterLock.Options()
    options.mode = LockMode(rawValue: mode) ?? .auto
    options.timeout = LockTimeout(seconds: seconds)
    return options
}

do {
    let store = Path(words[1])
    // The cache's own locks are no one else's, but for a test of them.
    let name = words.count < 3 ? "probe" : words[2] == "config" ? "config" : LockName(words[2]) ?? "probe"
    switch words[0] {
    case "hold":
        let lock = try WriterLock.acquire(name, in: store, options: options(words[3], seconds: Double(words[4]) ?? 0))
        say("held")
        while readLine() != nil {}
        say(lock.isStillHeld ? "kept" : "lost")
        lock.release()
    case "die":
        let lock = try WriterLock.acquire(name, in: store, options: options(words[3], seconds: 120))
        say("\(lock.waited / 1000)")
        switch words[4] {
        case "exit": _exit(7)
        case "abort": abort()
        default: kill(getpid(), SIGKILL)
        }
        lock.release()
    case "count":
        for _ in 0..<(Int(words[4]) ?? 0) {
            try WriterLock.withLock(name, in: store, options: options(words[3], seconds: 60)) { _ in
                let file = URL(fileURLWithPath: words[5])
                let number = Int(String(decoding: (try? Data(contentsOf: file)) ?? Data("0".utf8), as: UTF8.self)) ?? 0
                try Data("\(number + 1)".utf8).write(to: file)
            }
        }
    case "read":
        let snapshot = Snapshot<Numbered>(LockName("document"), in: store)
        var (absent, torn, latest) = (0, 0, 0)
        for _ in 0..<(Int(words[2]) ?? 0) {
            switch snapshot.read() {
            case .absent: absent += 1
            case .unusable: torn += 1
            case .present(let copy):
                // Never back to an older one.
                if !copy.document.isWhole || copy.document.number < latest { torn += 1 }
                latest = copy.document.number
            }
        }
        say("\(absent) \(torn) \(latest)")
    case "publish":
        let snapshot = Snapshot<Numbered>(LockName("document"), in: store)
        for number in 1...(Int(words[2]) ?? 1) { _ = try snapshot.refresh { Numbered(number) } }
    case "refresh":
        let snapshot = Snapshot<Numbered>(LockName("document"), in: store)
        var policy = RefreshPolicy(ifOlderThan: Int64(words[4]))
        policy.lock.timeout = LockTimeout(seconds: 600)
        let result = try snapshot.refresh(policy) {
            AppendedFile.append(Array("made\n".utf8), to: Path(words[2]))
            Thread.sleep(forTimeInterval: Double(words[3]) ?? 0)
            return Numbered(Int(getpid()))
        }
        say("\(result.copy.document.number)")
    case "bench":
        try LockBench(store, mode: words[2], program: CommandLine.arguments[0]).run()
    default:
        exit(2)
    }
} catch {
    fail(error)
}
