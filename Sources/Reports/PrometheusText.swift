/// Counts and levels in the text that Prometheus reads.
///
///     text   ::= metric*
///     metric ::= "# HELP " name " " sentence LF "# TYPE " name " " type LF sample*
///     sample ::= name [ "{" label "=" quoted *("," label "=" quoted) "}" ] " " number LF
///
/// The format is version 0.0.4 of https://prometheus.io/docs/instrumenting/exposition_formats/.
package struct PrometheusText {
    /// What a scraper is told of the text.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package enum Kind: String {
        /// What only grows, until it begins at 0 again.
        case counter
        case gauge
    }

    /// One number of a metric.
    package struct Sample {
        var labels: [(name: String, value: String)]
        var value: String

        package init(_ value: Int64, _ labels: (name: String, value: String)...) {
            (self.labels, self.value) = (labels, "\(value)")
        }

        /// Microseconds, as the seconds that Prometheus counts in.
        package init(microseconds: Int64, _ labels: (name: String, value: String)...) {
            let fraction = String(1_000_000 + abs(microseconds % 1_000_000)).dropFirst()
            (self.labels, self.value) = (labels, "\(microseconds / 1_000_000).\(fraction)")
        }
    }

    package private(set) var text = ""

    package init() {}

    /// Adds a metric; one without samples is left out.
    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            text += name + (labels.isEmpty ? "" : "{\(labels)}") + " \(sample.value)\n"
        }
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
