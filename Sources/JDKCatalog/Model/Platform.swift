package import Files

/// What a package runs on, and the one spelling that we use for it.
package struct Platform: Sendable, Hashable, CustomStringConvertible {
    package var operatingSystem: String
    package var architecture: String
    /// Empty where any will do.
    package var libC: String

    package init(operatingSystem: String, architecture: String, libC: String) {
        self.operatingSystem = Self.operatingSystem(operatingSystem).name
        self.architecture = Self.architecture(architecture)
        self.libC = Self.libC(libC, on: self.operatingSystem)
    }

    /// `linux/x64/glibc`.
    package var description: String { words.joined(separator: "/") }

    /// What it asks for; nothing where any platform will do.
    private var words: [String] { [operatingSystem, architecture, libC].filter { !$0.isEmpty } }

    /// The platform itself, or nil where any will do, which is how a source is asked for everything.
    package var scope: Platform? { words.isEmpty ? nil : self }

    /// Whether what was fetched for `scope`, an ``Catalog/Origin/scope``, has all packages for this platform.
    package func isServed(by scope: String) -> Bool { Self.words(of: scope).allSatisfy { words.contains($0) } }

    /// What has to be fetched for this platform so that what was fetched for `scope` is not lost; nil for everything.
    package func widened(by scope: String) -> Platform? {
        let other = Self.words(of: scope)
        func common(_ word: String) -> String { other.contains(word) ? word : "" }
        return Platform(
            operatingSystem: common(operatingSystem),
            architecture: common(architecture),
            libC: common(libC)
        ).scope
    }

    private static func words(of scope: String) -> [String] {
        scope == "all" ? [] : scope.split(separator: "/").map(String.init)
    }

    /// What this process runs on.
    ///
    /// We are linked statically, so that our own library says nothing: the loader that is installed below `root`
    /// does. Where musl's is and glibc's is not, programs are built for musl.
    package static func host(root: Path = "/") -> Platform {
        #if arch(arm64)
        let (architecture, musl, glibc) = ("aarch64", "lib/ld-musl-aarch64.so.1", "lib/ld-linux-aarch64.so.1")
        #else
        let (architecture, musl, glibc) = ("x64", "lib/ld-musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2")
        #endif
        let hasMusl = root.appending(musl).withCString { FileStatus.of($0) } != nil
        let hasGlibc = root.appending(glibc).withCString { FileStatus.of($0) } != nil
        return Platform(
            operatingSystem: "linux",
            architecture: architecture,
            libC: hasMusl && !hasGlibc ? "musl" : "glibc"
        )
    }

    /// The spelling of an operating system, and the C library that its name implies.
    package static func operatingSystem(_ word: String) -> (name: String, libC: String) {
        switch word.lowercased() {
        case "alpine_linux", "alpine-linux", "alpine", "linux_musl", "linux-musl": ("linux", "musl")
        case "mac", "macosx", "osx", "darwin", "macos": ("macos", "libc")
        case "win", "windows": ("windows", "c_std_lib")
        case "sunos", "solaris": ("solaris", "")
        case let word: (word, "")
        }
    }

    /// The spelling of an architecture.
    package static func architecture(_ word: String) -> String {
        switch word.lowercased() {
        case "amd64", "x86_64", "x86-64", "x86lx64", "x64": "x64"
        case "i386", "i486", "i586", "i686", "x86-32", "x86_32", "x86lx32", "x86": "x86"
        case "arm64", "armv8", "aarch64": "aarch64"
        case "arm", "armhf", "armel", "aarch32", "arm32-vfp-hflt", "armv6", "armv7", "arm32": "arm32"
        case "ppc64el", "ppc64le": "ppc64le"
        case let word: word
        }
    }

    /// The spelling of a C library: the API calls glibc `libc` on Linux now and then.
    package static func libC(_ word: String, on operatingSystem: String) -> String {
        let word = word.lowercased()
        return operatingSystem == "linux" && word == "libc" ? "glibc" : word
    }

    /// The architecture that a file's name speaks of, for sources that do not say it; empty where it does not either.
    package static func architecture(inFilename name: String) -> String {
        let words = name.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }
            .flatMap { word in [word] + (word.contains("_") ? word.split(separator: "_") : []) }
        let known: Set<String> = [
            "x64", "x86", "aarch64", "arm32", "ppc64", "ppc64le", "s390x", "riscv64", "sparcv9",
        ]
        let text = name.lowercased()
        // Its separator is the one between words everywhere else.
        if text.contains("x86_64") || text.contains("x86-64") { return "x64" }
        return words.lazy.map { architecture(String($0)) }.first { known.contains($0) } ?? ""
    }
}
