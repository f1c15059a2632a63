internal import CommandCache
internal import Files
internal import LarderStore
internal import Terminal

extension Command {
    /// Keeps values for scripts.
    static let keyValue = Command(
        name: "kv",
        summary: "Keep values for scripts: get, put, delete, list",
        discussion: """
            `put` takes the value from standard input and `get` writes it to standard output, byte for byte; `get` and
            `delete` end with 1 where there is none. A value is replaced at once and whole, has at most 255 MiB, and is a
            cache's: one that nobody uses for long may be gone. `list` shows one key a line, with backslashes before what
            would not fit there (\\n, \\t, \\\\, \\xHH); with -0 it writes the keys as they are, each ended by NUL.

            NAMESPACE is \(KeyValues.accepted). KEY is any text of at most 1024 bytes.

              larder kv get ci "$key" > tree.tar || { make-tree | tee tree.tar | larder kv put ci "$key"; }
            """,
        forms: ["get NAMESPACE KEY", "put NAMESPACE KEY", "delete NAMESPACE KEY", "list NAMESPACE"],
        choices: [["get", "put", "delete", "list"]],
        operands: 0...3,
        options: [Option(name: "null", short: "0", summary: "list: end keys with NUL, and show them as they are")],
        run: runKeyValue
    )

    private static func runKeyValue(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        let words = arguments.operands
        guard let verb = words.first.map({ Text.shown($0) }) else {
            throw Failure(usage: "'kv' takes get, put, delete or list", .keyValue)
        }
        guard ["get", "put", "delete", "list"].contains(verb) else {
            throw Failure(usage: "unknown argument '\(verb)'", .keyValue)
        }
        guard words.count == (verb == "list" ? 2 : 3) else {
            throw Failure(usage: "'kv \(verb)' takes a NAMESPACE\(verb == "list" ? "" : " and a KEY")", .keyValue)
        }
        guard let values = KeyValues(words[1], settings: try arguments.settings()) else {
            throw Failure(
                status: .usage,
                message: "'\(Text.shown(words[1]))' is no namespace; it must be \(KeyValues.accepted)"
            )
        }
        guard verb == "list" || (1...KeyValues.keyLimit).contains(words[2].count) else {
            throw Failure(status: .usage, message: "a key has 1 to \(KeyValues.keyLimit) bytes, not \(words[2].count)")
        }
        switch verb {
        case "get": return try get(values, words[2])
        case "put":
            let value = try givenValue()
            do throws(StoreError) { try values.put(value, under: words[2]) } catch { throw Failure(error) }
            return .success
        case "delete":
            do throws(StoreError) { return try values.delete(words[2]) ? .success : .failure } catch {
                throw Failure(error)
            }
        default:
            for key in values.keys() { try print(arguments.has("null") ? key + [0] : escaped(key) + [10]) }
            return .success
        }
    }

    private static func get(_ values: KeyValues, _ key: [UInt8]) throws(Failure) -> ExitStatus {
        let lookup = values.get(key)
        guard let value = lookup.bytes(of: "value") else {
            if lookup.reason == .unreadable {
                throw Failure(message: "the value cannot be read; check the permissions of the cache directory")
            }
            return .failure
        }
        try print(value)
        return .success
    }

    private static func print(_ bytes: [UInt8]) throws(Failure) {
        guard case .failed(let error) = StandardStream.output.write(bytes) else { return }
        throw Failure(message: "cannot write to standard output: \(error)")
    }

    /// Standard input to its end.
    private static func givenValue() throws(Failure) -> [UInt8] {
        let value: [UInt8]
        do throws(SystemError) {
            value = try GivenInput.readAll(limit: KeyValues.valueLimit + 1)
        } catch {
            throw Failure(message: "cannot read from standard input: \(error)")
        }
        guard value.count <= KeyValues.valueLimit else {
            throw Failure(message: "the value has more than \(KeyValues.valueLimit >> 20) MiB; nothing was stored")
        }
        return value
    }

    /// The key on one line: control characters, backslashes and what is no ASCII are escaped as printf(1) reads them.
    private static func escaped(_ key: [UInt8]) -> [UInt8] {
        let isText = String(validating: key, as: UTF8.self) != nil
        var text: [UInt8] = []
        for byte in key {
            switch byte {
            case UInt8(ascii: "\\"): text += "\\\\".utf8
            case UInt8(ascii: "\n"): text += "\\n".utf8
            case UInt8(ascii: "\t"): text += "\\t".utf8
            case ..<0x20, 0x7F: text += hex(byte)
            case 0x80...: text += isText ? [byte] : hex(byte)
            default: text.append(byte)
            }
        }
        return text
    }

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return Array("\\x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
