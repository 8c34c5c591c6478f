import HydrogenProtocol

/// Times as people write them: `5m30s`, `1d12h`, `250ms`.
package enum SpanText {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1_000),
    ]

    /// What a text must look like, as a regular expression of ECMA-262: what JSON Schema takes.
    package static let pattern = "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?([0-9]+us)?$"

    /// The span of a text: whole numbers with units, the greatest unit first, each at most once. Nil for anything else,
    /// and for what is longer than a hundred years.
    package static func read(_ text: String) -> Interval? {
        var bytes = Array(text.utf8)[...]
        var units = Self.units[...]
        var total: Int64 = 0
        guard !bytes.isEmpty else { return nil }
        while !bytes.isEmpty {
            let digits = bytes.prefix { (0x30...0x39).contains($0) }
            bytes = bytes.dropFirst(digits.count)
            let letters = bytes.prefix { !(0x30...0x39).contains($0) }
            bytes = bytes.dropFirst(letters.count)
            let name = String(decoding: letters, as: UTF8.self)
            guard (1...15).contains(digits.count), let count = Int64(String(decoding: digits, as: UTF8.self)),
                let index = units.firstIndex(where: { $0.name == name })
            else { return nil }
            let (product, isOver) = count.multipliedReportingOverflow(by: units[index].nanoseconds)
            units = units[(index + 1)...]
            guard !isOver, product <= self.longest, total + product <= self.longest else { return nil }
            total += product
        }
        return Interval(nanoseconds: total)
    }

    /// The shortest text of a span that is not negative; what is finer than a microsecond is left out.
    package static func text(of span: Interval) -> String {
        var rest = span.nanoseconds
        var text = ""
        for unit in self.units where rest >= unit.nanoseconds {
            text += "\(rest / unit.nanoseconds)\(unit.name)"
            rest %= unit.nanoseconds
        }
        return text.isEmpty ? "0s" : text
    }

    private static let longest: Int64 = 36_500 * 86_400_000_000_000
}
