internal import Files
internal import LarderStore

/// Where swiftc is to write what belongs to each source: the JSON document behind `-output-file-map`.
struct SwiftOutputMap: Sendable {
    /// By source, the empty name for the module as a whole; then by the kind of output.
    private(set) var files: [String: [String: String]]

    init(_ files: [String: [String: String]] = [:]) { self.files = files }

    /// Reads a map; nil where it is none, or where its paths are not all text.
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONReader.value(of: bytes), let sources = value.members else { return nil }
        files = [:]
        for (source, outputs) in sources {
            guard let outputs = outputs.members else { return nil }
            for (kind, path) in outputs {
                guard let path = path.text, !path.contains("\u{FFFD}") else { return nil }
                files[source, default: [:]][kind] = path
            }
        }
    }

    func path(_ kind: String, of source: Word) -> Word? {
        files[String(decoding: source, as: UTF8.self)]?[kind].map { Word($0.utf8) }
    }

    mutating func set(_ path: Word, _ kind: String, of source: Word) {
        files[String(decoding: source, as: UTF8.self), default: [:]][kind] = String(decoding: path, as: UTF8.self)
    }

    /// The map as a JSON document.
    var text: [UInt8] {
        let sources = files.sorted { $0.key < $1.key }.map { source, outputs in
            let members = outputs.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
            return "\(Self.quoted(source)):{\(members.joined(separator: ","))}"
        }
        return Array("{\(sources.joined(separator: ","))}".utf8)
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 32:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
