internal import Files

extension Settings {
    /// Where `key` has a value that does not count, because another place comes first and has another one; nil where there is
    /// no such place.
    package func outdone(_ key: SettingKey) -> (winner: Source, others: [Source])? {
        let winner = source(of: key)
        let layers = [project, file, system].map { (source: Source.file($0.path), text: $0.value(of: key)) }
        let (given, behind): ([UInt8], ArraySlice<(source: Source, text: [UInt8])>)
        if case .environment(let variable) = winner {
            (given, behind) = (Environment.value(of: Array(variable.utf8)) ?? [], layers[...])
        } else if let index = layers.firstIndex(where: { $0.source == winner }) {
            (given, behind) = (layers[index].text, layers[(index + 1)...])
        } else {
            return nil
        }
        let others = behind.filter { !$0.text.isEmpty && $0.text != given }.map(\.source)
        return others.isEmpty ? nil : (winner, others)
    }
}

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
