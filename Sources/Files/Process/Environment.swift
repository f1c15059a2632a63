internal import Glibc

/// The process's environment, as bytes.
package enum Environment {
    /// The value of the variable called `name`, or nil when it is not set.
    package static func value(_ name: StaticString) -> [UInt8]? {
        name.withUTF8Buffer { name in
            name.withMemoryRebound(to: CChar.self) { name in
                // A StaticString literal ends with NUL.
                guard let base = name.baseAddress, let found = getenv(base) else { return nil }
                return Array(UnsafeRawBufferPointer(start: found, count: strlen(found)))
            }
        }
    }

    /// The value of the variable whose name is not known before the program runs; nil also for what is no name.
    package static func value(of name: [UInt8]) -> [UInt8]? {
        Path(bytes: name).withCString { name in
            guard let found = getenv(name) else { return nil }
            return Array(UnsafeRawBufferPointer(start: found, count: strlen(found)))
        }
    }

    /// The value of the variable called `name` as text.
    package static func text(_ name: StaticString) -> String? {
        value(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Sets a variable for this process and for the program that it becomes; only while there is one thread.
    package static func set(_ name: StaticString, to value: [UInt8]) {
        _ = Path(bytes: value).withCString { value in
            name.withUTF8Buffer { name in
                name.withMemoryRebound(to: CChar.self) { name in name.baseAddress.map { setenv($0, value, 1) } }
            }
        }
    }

    /// The length of a C string in bytes.
    package static func length(_ text: UnsafePointer<CChar>) -> Int { strlen(text) }

    /// Calls `body` with every `NAME=value` of the environment.
    package static func forEach(_ body: (UnsafePointer<CChar>) -> Void) {
        var next = environ
        while let entry = next.pointee {
            body(entry)
            next += 1
        }
    }
}
