internal import Files
internal import LarderStore
internal import Synchronization

/// The tools, each looked for once in the life of the process.
final class Toolbox: Sendable {
    private let store: EntryStore?
    private let cancellation: Cancellation?
    private let known = Mutex<[Tool.Name: Result<Tool, PDFError>]>([:])

    init(store: EntryStore?, cancellation: Cancellation?) { (self.store, self.cancellation) = (store, cancellation) }

    /// The tool, and what decides about what it does.
    ///
    /// Others wait meanwhile: they would find out the same.
    func tool(_ name: Tool.Name) throws(PDFError) -> Tool {
        let result = known.withLock { known in
            if let result = known[name] { return result }
            let result: Result<Tool, PDFError>
            do throws(PDFError) {
                result = .success(try ToolRecord.load(name, from: store, cancellation))
            } catch {
                result = .failure(error)
            }
            known[name] = result
            return result
        }
        return try result.get()
    }

    /// True when none of those that were found has been replaced since.
    var areUnchanged: Bool {
        known.withLock { known in
            known.values.allSatisfy { result in
                if case .success(let tool) = result { tool.isUnchanged } else { true }
            }
        }
    }
}
