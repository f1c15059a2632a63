// word-count FILE...: how many words each file has.
import Foundation

for name in CommandLine.arguments.dropFirst() {
    let content = try Data(contentsOf: URL(fileURLWithPath: name))
    let words = content.split { $0 == UInt8(ascii: " ") || (9...13).contains($0) }
    print("\(words.count) words in \(name)")
}
