internal import ArgumentParser
internal import Files
internal import LarderStore
internal import Terminal

/// `larder jdk …`: a program of its own, so that what it needs never weighs on the launcher, which runs it.
@main
struct LarderJDK: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "larder jdk",
        abstract: "A catalogue of JDKs that any number of processes read while one refreshes it.",
        discussion: """
            The catalogue comes from a metadata mirror or, where that is not to be had, from the foojay API. It is kept in \
            the cache directory; a search refreshes it when it is older than 30 days.

            Settings, by environment variable or by name in larder.conf; off or nothing switches a source off:
              LARDER_JDK_MIRROR_URL  jdk_mirror_url
              LARDER_JDK_FOOJAY_URL  jdk_foojay_url
            HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are respected.

            Exit status: 0 done (also when nothing is found), 1 failed, 2 usage or configuration, 69 no source can be \
            reached and nothing is cached, 75 waited too long for a lock, 130 cancelled.
            """,
        version: "larder jdk \(Version.text)",
        subcommands: [
            SearchCommand.self, RefreshCommand.self, InfoCommand.self, ListDistributionsCommand.self, ClearCommand.self,
            ImportCommand.self,
        ]
    )

    static func main() async {
        StandardStream.reportFailedWrites()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            StandardStream.end(status: 0)
        } catch let unstored as CatalogAccess.Unstored {
            Console.complain(unstored.failure.message)
            StandardStream.end(status: unstored.failure.status.rawValue)
        } catch let failure as Failure {
            Console.complain(failure.message + (failure.consequence.map { "; \($0)" } ?? ""))
            StandardStream.end(status: failure.status.rawValue)
        } catch {
            // What ArgumentParser has to say: help and version are no failures; all else is a usage error, for which
            // this house has the status 2.
            let isHelp = exitCode(for: error) == .success
            let text = fullMessage(for: error) + "\n"
            (isHelp ? StandardStream.output : StandardStream.error).write(text.utf8)
            StandardStream.end(status: (isHelp ? ExitStatus.success : .usage).rawValue)
        }
    }
}
