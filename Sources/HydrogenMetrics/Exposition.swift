/// Writes a scrape: the families of the table in its order, then the computed ones in theirs.
package func exposition(
    of table: MetricsTable, _ snapshot: MetricsSnapshot, computed: [ComputedFamily] = [], format: ExpositionFormat
) -> [UInt8] {
    var writer = ExpositionWriter(format: format)
    for family in table.families { writer.write(family, snapshot) }
    for family in computed { writer.write(family) }
    return writer.finish()
}

/// `name="value",…` with the values escaped: backslash, line feed and quotation mark, in both formats.
func renderLabels(_ labels: [(name: String, value: String)]) -> String {
    labels.map { "\($0.name)=\"\(escape($0.value, quotationMarks: true))\"" }.joined(separator: ",")
}

private func escape(_ text: String, quotationMarks: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": escaped += "\\\\"
        case "\n": escaped += "\\n"
        case "\"" where quotationMarks: escaped += "\\\""
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}

/// The lines of one scrape.
private struct ExpositionWriter {
    let format: ExpositionFormat
    var text: [UInt8] = []

    init(format: ExpositionFormat) {
        self.format = format
        self.text.reserveCapacity(65_536)
    }

    mutating func write(_ family: MetricFamily, _ snapshot: MetricsSnapshot) {
        self.writeHead(kind: family.kind, baseName: family.baseName, help: family.help)
        switch family.scope {
        case .summed:
            let threads = snapshot.threads[...]
            for index in family.series.indices {
                self.writeSeries(family, index, family.renderedLabels[index], threads)
            }
        case .perLoop:
            for (place, thread) in snapshot.threads.enumerated() {
                guard let loop = thread.loop else { continue }
                for index in family.series.indices {
                    let labels = join(family.renderedLabels[index], "loop=\"\(loop)\"")
                    self.writeSeries(family, index, labels, snapshot.threads[place...place])
                }
            }
        }
    }

    mutating func write(_ family: ComputedFamily) {
        self.writeHead(kind: family.kind, baseName: family.baseName, help: family.help)
        let suffix = family.kind == .counter ? "_total" : ""
        for sample in family.samples {
            self.writeSample(family.baseName, suffix, renderLabels(sample.labels), sample.value.text)
        }
    }

    consuming func finish() -> [UInt8] {
        if self.format == .openMetrics { self.text += "# EOF\n".utf8 }
        return self.text
    }

    /// `# HELP`, `# TYPE`, and in OpenMetrics `# UNIT`.
    private mutating func writeHead(kind: MetricKind, baseName: String, help: String) {
        let isOpenMetrics = self.format == .openMetrics
        let name = kind == .counter && !isOpenMetrics ? baseName + "_total" : baseName
        self.text += "# HELP \(name) \(escape(help, quotationMarks: isOpenMetrics))\n".utf8
        self.text += "# TYPE \(name) \(kind.rawValue)\n".utf8
        if isOpenMetrics, let unit = MetricUnit.ending(baseName) {
            self.text += "# UNIT \(name) \(unit.rawValue)\n".utf8
        }
    }

    private mutating func writeSeries(
        _ family: MetricFamily, _ index: Int, _ labels: String, _ threads: ArraySlice<MetricsSnapshot.Thread>
    ) {
        let first = family.firstWord + index * family.wordsPerSeries
        func sum(_ word: Int) -> Int64 { threads.reduce(0) { $0 &+ $1.words[word] } }
        switch family.kind {
        case .counter:
            self.writeSample(family.baseName, "_total", labels, String(sum(first)))
        case .gauge:
            self.writeSample(family.baseName, "", labels, String(sum(first)))
        case .histogram:
            var count: Int64 = 0
            for (place, bound) in family.bounds.enumerated() {
                count &+= sum(first + place)
                let limit = join(labels, "le=\"\(DecimalNumber.nanoseconds(bound).canonicalText)\"")
                self.writeSample(family.baseName, "_bucket", limit, String(count))
            }
            count &+= sum(first + family.bounds.count)
            let total = DecimalNumber.nanoseconds(sum(first + family.bounds.count + 1))
            self.writeSample(family.baseName, "_bucket", join(labels, "le=\"+Inf\""), String(count))
            self.writeSample(family.baseName, "_sum", labels, total.text)
            self.writeSample(family.baseName, "_count", labels, String(count))
        }
    }

    private mutating func writeSample(_ baseName: String, _ suffix: String, _ labels: String, _ value: String) {
        self.text += baseName.utf8
        self.text += suffix.utf8
        if !labels.isEmpty {
            self.text.append(UInt8(ascii: "{"))
            self.text += labels.utf8
            self.text.append(UInt8(ascii: "}"))
        }
        self.text.append(UInt8(ascii: " "))
        self.text += value.utf8
        self.text.append(UInt8(ascii: "\n"))
    }
}

private func join(_ labels: String, _ label: String) -> String { labels.isEmpty ? label : "\(labels),\(label)" }
