// word-count FILE...: how many words each file has, computed once for each content.
import Foundation
import LarderStore

let place = ProcessInfo.processInfo.environment["WORD_COUNT_CACHE"] ?? NSTemporaryDirectory() + "/word-count-cache"
let store = EntryStore(at: Path(place))
let journal = Journal(at: store.directory)
for name in CommandLine.arguments.dropFirst() {
    let content = try Data(contentsOf: URL(fileURLWithPath: name))
    // All that decides the result: the content, and by the domain's number what counts as a word.
    var builder = KeyBuilder(domain: "word-count-1")
    builder.add("content", content)
    let key = builder.finish()
    var isCounted = false
    let parts = store.value(for: key) {
        isCounted = true
        let words = content.split { $0 == UInt8(ascii: " ") || (9...13).contains($0) }
        return [EntryStore.Part(name: "count", bytes: Array("\(words.count)".utf8))]
    }
    // Recency comes from the journal: what is used stays when the cache has to shrink.
    journal.record(Event(isCounted ? .publish : .hit, entry: key, label: name))
    let count = String(decoding: parts.first?.bytes ?? [], as: UTF8.self)
    print("\(count) words in \(name), \(isCounted ? "counted" : "from the cache")")
}
