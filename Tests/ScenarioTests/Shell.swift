import Foundation
import TestSupport

/// What a test of file systems and users needs.
enum Shell {
    /// True for root, who may mount and act as another user.
    static let isRoot = geteuid() == 0

    /// True where an image can be mounted, in a namespace of its own so that nobody else sees it.
    static let canMountImages: Bool = {
        guard isRoot, let workshop = try? Workshop() else { return false }
        let script = """
            truncate -s 4M i && mke2fs -q -F -t ext4 i && mkdir m && unshare -m mount -o loop i m && command -v mksquashfs
            """
        return (try? workshop.run(["bash", "-c", script], environment: path))?.status == 0
    }()

    private static let path = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]
}

extension Workshop {
    /// Runs a bash script in the workshop: `$L` is the launcher, `count NAME` a counter of `larder stats`.
    func script(_ text: String, isMounting: Bool = false, environment: [String: String] = [:]) throws -> Outcome {
        try write(
            """
            count() { "$L" stats --json | sed -n 's/^ *"'$1'": \\([0-9]*\\).*/\\1/p' | head -n 1; }
            \(text)
            """,
            to: "script"
        )
        let variables = ["L": Self.larder.path, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]
        let words = isMounting ? ["unshare", "-m", "bash", "./script"] : ["bash", "./script"]
        return try run(words, environment: variables.merging(environment) { $1 })
    }
}
