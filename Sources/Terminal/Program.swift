internal import Files

/// What the programs that take commands have in common.
package enum Program {
    /// Hands `run` the words of this process's command line behind its name, byte for byte, and ends the process as it says;
    /// what it throws is said with the name of the program before it.
    package static func main(
        _ name: String,
        _ run: (ArraySlice<[UInt8]>) throws(Failure) -> ExitStatus
    ) -> Never {
        StandardStream.reportFailedWrites()
        let words = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map {
                Array(UnsafeRawBufferPointer(start: $0, count: Environment.length($0)))
            }
        }
        do throws(Failure) {
            StandardStream.end(status: try run(words[...]).rawValue)
        } catch {
            Console.complain(error.message, as: name)
            StandardStream.end(status: error.status.rawValue)
        }
    }
}
