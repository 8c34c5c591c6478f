import HydrogenProtocol

/// JSON text from values, for the report's data.
enum JSONBuild {
    static func object(_ members: [(String, String)]) -> String {
        "{\(members.map { "\(JSONText.quoted($0.0)):\($0.1)" }.joined(separator: ","))}"
    }

    static func list(_ elements: [String]) -> String { "[\(elements.joined(separator: ","))]" }

    static func text(_ text: String) -> String { JSONText.quoted(text) }

    static func numbers<Number: BinaryInteger>(_ numbers: [Number]) -> String {
        self.list(numbers.map { String($0) })
    }

    /// Seconds, to the microsecond.
    static func seconds(_ interval: Interval) -> String {
        let microseconds = interval.nanoseconds / 1_000
        let fraction = String(1_000_000 + microseconds % 1_000_000).dropFirst()
        return "\(microseconds / 1_000_000).\(fraction)"
    }

    static func microseconds(_ interval: Interval) -> String { "\(interval.nanoseconds / 1_000)" }

    /// Pairs of a name and a number.
    static func counts(_ counts: [(String, UInt64)]) -> String {
        self.list(counts.map { self.list([self.text($0.0), String($0.1)]) })
    }
}
