import Foundation
import TestSupport
import Testing

/// A Rust program whose linker is a link to Larder, as it is under `larder exec`.
@Suite struct RustLinkerLinkTests {
    @Test(.enabled(if: RustToolchain.installed != nil, "no Rust is installed"))
    func `the linker behind the link is the one that counts`() throws {
        let workshop = try Workshop()
        try workshop.write("fn main() { println!(\"x\"); }\n", to: "m.rs")
        for directory in ["links", "early"] { try workshop.write("", to: "\(directory)/empty") }
        try FileManager.default.createSymbolicLink(
            atPath: workshop.url("links/cc").path,
            withDestinationPath: Workshop.larder.path
        )
        var environment = try RustToolchain.environment()
        let path = environment["PATH"] ?? ""
        environment["PATH"] = [workshop.url("links").path, workshop.url("early").path, path].joined(separator: ":")
        func isHit() throws -> Bool {
            workshop.remove("m")
            var status: Int32 = -1
            let counted = try workshop.counting {
                status = try workshop.larder(["rustc", "-O", "m.rs", "-o", "m"], environment: environment).status
            }
            #expect(status == 0)
            #expect(try workshop.run([workshop.url("m").path]).outputText == "x\n")
            return counted.hits == 1
        }
        #expect(try !isHit())
        #expect(try isHit())
        // One that the link would rather run appears.
        try workshop.write("#!/bin/sh\nexec /usr/bin/cc \"$@\"\n", to: "early/cc")
        #expect(chmod(workshop.url("early/cc").path, 0o755) == 0)
        #expect(try !isHit())
        // The link goes.
        workshop.remove("early/cc")
        #expect(try isHit())
        workshop.remove("links/cc")
        #expect(try !isHit())
    }
}
