extension MetricsTable {
    /// What a scraper would refuse in this table, one sentence each; for the tests of whoever builds one.
    package var faults: [String] {
        var faults: [String] = []
        for (index, family) in self.families.enumerated() {
            if self.families[..<index].contains(where: { $0.baseName == family.baseName }) {
                faults.append("\(family.baseName): there are two families of this name")
            }
            faults += family.faults.map { "\(family.baseName): \($0)" }
        }
        return faults
    }
}

extension MetricFamily {
    fileprivate var faults: [String] {
        var faults: [String] = []
        if !isIdentifier(self.baseName) { faults.append("not a metric name") }
        let suffixes = ["_total", "_created", "_bucket", "_count", "_sum"]
        if suffixes.contains(where: self.baseName.hasSuffix) { faults.append("ends in a suffix that samples take") }
        if self.help.isEmpty { faults.append("no help") }
        for label in self.labels where !isIdentifier(label) || label.hasPrefix("__") || Self.reserved.contains(label) {
            faults.append("not a label name: \(label)")
        }
        if self.series.isEmpty { faults.append("no series") }
        for (index, values) in self.series.enumerated() {
            if values.count != self.labels.count { faults.append("series \(index) has \(values.count) label values") }
            if self.series[..<index].contains(values) { faults.append("series \(index) is there twice") }
        }
        if self.kind == .histogram {
            if self.unit != .seconds { faults.append("a histogram of durations ends in _seconds") }
            if self.bounds.isEmpty || self.bounds[0] <= 0 { faults.append("bounds begin above 0") }
            if zip(self.bounds, self.bounds.dropFirst()).contains(where: { $0 >= $1 }) {
                faults.append("bounds do not rise")
            }
        }
        return faults
    }

    private static let reserved = ["le", "loop", "quantile"]
}

/// `[a-z_][a-z0-9_]*`: lower case is this project's rule, the rest Prometheus' data model.
private func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, first == UInt8(ascii: "_") || isLowerCase(first) else { return false }
    return name.utf8.allSatisfy { byte in
        byte == UInt8(ascii: "_") || isLowerCase(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

private func isLowerCase(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
