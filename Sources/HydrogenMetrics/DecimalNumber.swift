/// A decimal fraction kept as an integer, so that no rounding shows in a scrape: `units` · 10^−`decimals`.
package struct DecimalNumber: Sendable, Hashable {
    package var units: Int64
    /// Digits after the point, from 0 to 18.
    package var decimals: Int

    package init(_ units: Int64, decimals: Int = 0) {
        self.units = units
        self.decimals = decimals
    }

    package static func nanoseconds(_ count: Int64) -> DecimalNumber { DecimalNumber(count, decimals: 9) }
    package static func milliseconds(_ count: Int64) -> DecimalNumber { DecimalNumber(count, decimals: 3) }

    /// Plain notation without trailing zeros: `0.000005`, `12`, `-1.5`.
    package var text: String {
        let (whole, fraction) = self.parts
        let sign = self.units < 0 ? "-" : ""
        return fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
    }

    /// The canonical form of OpenMetrics for the bound of a bucket: `1.0`, `0.25`, and from below 0.0001 `5e-05`.
    ///
    /// Source: OpenMetrics 1.0, "Considerations: Canonical Numbers".
    var canonicalText: String {
        let (whole, fraction) = self.parts
        let leadingZeros = fraction.prefix { $0 == "0" }.count
        guard self.units > 0, whole == "0", leadingZeros >= 4 else {
            return fraction.isEmpty ? "\(self.text).0" : self.text
        }
        let digits = fraction.dropFirst(leadingZeros)
        let exponent = leadingZeros + 1
        let mantissa = digits.count == 1 ? "\(digits)" : "\(digits.prefix(1)).\(digits.dropFirst())"
        return "\(mantissa)e-\(exponent < 10 ? "0" : "")\(exponent)"
    }

    /// The digits before the point, and those after it without trailing zeros.
    private var parts: (whole: String, fraction: String) {
        let digits = String(self.units.magnitude)
        let padding = String(repeating: "0", count: max(0, self.decimals + 1 - digits.count))
        let padded = padding + digits
        var fraction = padded.suffix(self.decimals)
        while fraction.last == "0" { fraction.removeLast() }
        return (String(padded.dropLast(self.decimals)), String(fraction))
    }
}
