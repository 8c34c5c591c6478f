import HydrogenMetrics

/// One element of `Accept` or `Accept-Encoding`: a value, its parameters, and how much it is wanted.
private struct Preference {
    /// Lower case.
    var value: String
    /// Lower case, without `q`.
    var parameters: [(name: String, value: String)]
    /// From 0 (not acceptable) to 1000 (RFC 9110 §12.4.2).
    var quality: Int
}

/// The format of a scrape that `Accept` prefers: OpenMetrics only if it is named, and wanted at least as much as the
/// older format; Prometheus text in every other case, as no scraper is better served by 406.
func preferredFormat(_ accept: String?) -> ExpositionFormat {
    let preferences = parsePreferences(accept ?? "*/*")
    func match(_ type: String, _ subtype: String, version: String) -> (quality: Int, precision: Int) {
        preferences.map { preference in
            let wanted = preference.parameters.first { $0.name == "version" }?.value
            switch preference.value {
            case "\(type)/\(subtype)" where wanted == version: return (preference.quality, 3)
            case "\(type)/\(subtype)" where wanted == nil: return (preference.quality, 2)
            case "\(type)/*": return (preference.quality, 1)
            case "*/*": return (preference.quality, 0)
            default: return (0, -1)
            }
        }.max { $0.precision < $1.precision } ?? (0, -1)
    }
    let open = match("application", "openmetrics-text", version: "1.0.0")
    let text = match("text", "plain", version: "0.0.4")
    guard open.precision >= 2, open.quality > 0 else { return .prometheusText }
    let isPreferred = open.quality > text.quality || open.quality == text.quality && text.precision < 2
    return isPreferred ? .openMetrics : .prometheusText
}

/// Whether `Accept-Encoding` asks for gzip: by name, by the old name, or by `*`.
func acceptsGzip(_ acceptEncoding: String?) -> Bool {
    let preferences = parsePreferences(acceptEncoding ?? "")
    let named = preferences.first { $0.value == "gzip" || $0.value == "x-gzip" }
    return (named ?? preferences.first { $0.value == "*" }).map { $0.quality > 0 } ?? false
}

/// The elements of such a header; those with a malformed quality are left out.
private func parsePreferences(_ header: String) -> [Preference] {
    header.split(separator: ",").compactMap { element in
        let parts = element.split(separator: ";", omittingEmptySubsequences: false).map { trimmed($0) }
        var preference = Preference(value: parts[0], parameters: [], quality: 1_000)
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1).map { trimmed($0) }
            guard sides.count == 2 else { continue }
            if sides[0] == "q" {
                guard let quality = parseQuality(sides[1]) else { return nil }
                preference.quality = quality
            } else {
                preference.parameters.append((sides[0], String(sides[1].trimmingPrefix("\"").prefix { $0 != "\"" })))
            }
        }
        return preference
    }
}

/// Thousandths: `1`, `0.5`, `.5`, `0.333`; nil for anything else.
private func parseQuality(_ text: String) -> Int? {
    let sides = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = sides.count == 2 ? sides[1] : ""
    let digits = "\(sides[0])\(fraction)"
    guard !digits.isEmpty, sides[0].count <= 1, fraction.count <= 3, digits.allSatisfy({ ("0"..."9").contains($0) })
    else { return nil }
    let padded = "\(sides[0])\(fraction)" + String(repeating: "0", count: 3 - fraction.count)
    return Int(padded).flatMap { $0 <= 1_000 ? $0 : nil }
}

private func trimmed(_ text: some StringProtocol) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    let start = text.drop(while: isBlank)
    return String(start.reversed().drop(while: isBlank).reversed()).lowercased()
}
