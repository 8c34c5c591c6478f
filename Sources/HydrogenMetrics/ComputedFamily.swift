/// A family whose values are worked out for a scrape, and not counted by loops: the process, the build, a certificate.
package struct ComputedFamily: Sendable {
    /// One sample.
    package struct Sample: Sendable {
        package var labels: [(name: String, value: String)]
        package var value: DecimalNumber

        package init(labels: [(name: String, value: String)] = [], _ value: DecimalNumber) {
            self.labels = labels
            self.value = value
        }
    }

    /// `counter` or `gauge`.
    package var kind: MetricKind
    /// The whole name, prefix included; a counter's without `_total`.
    package var baseName: String
    package var help: String
    package var samples: [Sample]

    /// A counter with its whole name; the ending `_total` may be left out.
    package static func counter(_ name: String, help: String, _ samples: [Sample]) -> ComputedFamily {
        let baseName = name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
        return ComputedFamily(kind: .counter, baseName: baseName, help: help, samples: samples)
    }

    /// A gauge with its whole name.
    package static func gauge(_ name: String, help: String, _ samples: [Sample]) -> ComputedFamily {
        ComputedFamily(kind: .gauge, baseName: name, help: help, samples: samples)
    }
}
