extension MetricsTable {
    /// Every counter and gauge as a scrape names it, labels and all, with its word; histograms are left out.
    package var samples: [(name: String, slot: Int)] {
        var samples: [(name: String, slot: Int)] = []
        for family in self.families where family.kind != .histogram {
            let name = family.kind == .counter ? "\(family.baseName)_total" : family.baseName
            for (index, labels) in family.renderedLabels.enumerated() {
                samples.append((labels.isEmpty ? name : "\(name){\(labels)}", family.firstWord + index))
            }
        }
        return samples
    }

    /// The word of a counter or gauge that a scrape names so.
    package func slot(ofSample name: String) -> Int? { self.samples.first { $0.name == name }?.slot }
}
