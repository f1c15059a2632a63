internal import Files
internal import PDFText
internal import Terminal

/// One file to be read, and where its result goes.
struct Job: Sendable {
    let input: Extractor.Input
    /// What to call it: as the user did, or as it was found.
    let name: String
    /// The name of the result below the output directory, without its ending.
    let outputName: [UInt8]
}

/// The files that a command line means: those it names, and the PDF files below the directories it names.
struct Inputs {
    private(set) var jobs: [Job] = []
    /// Directories that could not be read.
    private(set) var failures: [String] = []

    init(_ operands: [[UInt8]]) {
        for operand in operands {
            let path = Path(bytes: operand)
            if operand == [UInt8(ascii: "-")] {
                jobs.append(Job(input: .standardInput, name: "standard input", outputName: Array("stdin".utf8)))
            } else if FileStatus.of(path)?.kind == .directory {
                add(directory: path, below: [])
            } else {
                add(path, Array(path.name))
            }
        }
    }

    /// Symbolic links to files are followed and those to directories are not, so that there is an end.
    private mutating func add(directory: Path, below prefix: [UInt8]) {
        let names: [ArraySlice<UInt8>]
        do throws(SystemError) {
            names = try Directory.names(in: directory)
        } catch {
            failures.append("\(Text.shown(directory.bytes)) cannot be read: \(error)")
            return
        }
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let path = directory.appending(bytes: name)
            if FileStatus.ofLink(path)?.kind == .directory {
                add(directory: path, below: prefix + name + [UInt8(ascii: "/")])
            } else if Self.isPDF(name), FileStatus.of(path)?.kind == .regular {
                add(path, prefix + name)
            }
        }
    }

    private mutating func add(_ path: Path, _ name: [UInt8]) {
        let outputName = Self.isPDF(name[...]) && name.count > 4 ? Array(name.dropLast(4)) : name
        jobs.append(Job(input: .file(path), name: Text.shown(path.bytes), outputName: outputName))
    }

    private static func isPDF(_ name: ArraySlice<UInt8>) -> Bool {
        name.suffix(4).map { (65...90).contains($0) ? $0 | 0x20 : $0 }.elementsEqual(".pdf".utf8)
    }

    /// Two files whose results would have one name, which is to be said before anything is written.
    var collision: (Job, Job)? {
        var seen: [[UInt8]: Job] = [:]
        for job in jobs {
            if let other = seen.updateValue(job, forKey: job.outputName) { return (other, job) }
        }
        return nil
    }
}
