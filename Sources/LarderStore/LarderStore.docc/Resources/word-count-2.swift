// word-count FILE...: how many words each file has.
import Foundation
import LarderStore

let place = ProcessInfo.processInfo.environment["WORD_COUNT_CACHE"] ?? NSTemporaryDirectory() + "/word-count-cache"
let store = EntryStore(at: Path(place))
for name in CommandLine.arguments.dropFirst() {
    let content = try Data(contentsOf: URL(fileURLWithPath: name))
    let words = content.split { $0 == UInt8(ascii: " ") || (9...13).contains($0) }
    print("\(words.count) words in \(name)")
}
