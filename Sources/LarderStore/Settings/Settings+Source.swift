internal import Files

extension Settings.Source: CustomStringConvertible {
    /// `option`, the name of a variable, the path of a file, or `default`.
    package var description: String {
        switch self {
        case .flag: "option"
        case .environment(let variable): variable
        case .file(let path): path.description
        case .builtin: "default"
        }
    }
}
