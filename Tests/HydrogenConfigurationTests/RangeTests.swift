import HydrogenConfiguration
import HydrogenProtocol
import Testing

/// Every number of the table at the ends of its range, one step inside nothing and one step outside.
@Suite struct RangeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var path: String
        /// As it is written in the file.
        var value: String
        var isAllowed: Bool
        var testDescription: String { "\(path) = \(value)" }
    }

    static let rows: [Row] = ConfigurationTable.keys.flatMap { key -> [Row] in
        switch key.kind.sort {
        case .integer(let range):
            [
                Row(path: key.path, value: "\(range.lowerBound - 1)", isAllowed: false),
                Row(path: key.path, value: "\(range.lowerBound)", isAllowed: true),
                Row(path: key.path, value: "\(range.upperBound)", isAllowed: true),
                Row(path: key.path, value: "\(range.upperBound + 1)", isAllowed: false),
                Row(path: key.path, value: "\(range.lowerBound).5", isAllowed: false),
            ]
        case .seconds(let range), .decimal(let range, places: 3):
            [
                Row(path: key.path, value: decimal(range.lowerBound - 1), isAllowed: false),
                Row(path: key.path, value: decimal(range.lowerBound), isAllowed: true),
                Row(path: key.path, value: decimal(range.upperBound), isAllowed: true),
                Row(path: key.path, value: decimal(range.upperBound + 1), isAllowed: false),
                Row(path: key.path, value: "\(decimal(range.lowerBound + 1))5", isAllowed: false),
            ]
        default: []
        }
    }

    @Test func theTableHasNumbers() { #expect(Self.rows.count > 200) }

    @Test(arguments: rows) func ends(_ row: Row) throws {
        let faults = faults(members(row.path, row.value))
        let own = faults.filter {
            $0.hasPrefix("WebSocketServer.\(row.path): ") && $0.contains(", is \(row.value) (line 1")
        }
        #expect(own.isEmpty == row.isAllowed, "\(faults)")
        // An end may break a rule between keys; nothing else is wrong.
        for line in faults where !own.contains(line) { #expect(line.contains("must be at least"), "\(line)") }
        for line in own { #expect(line.contains("; allowed: ")) }
    }

    /// What was read is what was written.
    @Test(arguments: rows.filter(\.isAllowed)) func kept(_ row: Row) throws {
        let slack =
            "\"MaxMessageBytes\": 128, \"HeartbeatInterval\": 0, \"HeartbeatTimeout\": 1, \"InactiveTimeout\": 1"
        let rest = "\"IdleTimeout\": 86400"
        let others = "\(slack), \(rest)".split(separator: ", ").filter { !$0.hasPrefix("\"\(row.path)\"") }
        let text = (others.map(String.init) + [members(row.path, row.value)]).joined(separator: ", ")
        // The largest message fits into nothing else but the largest queues.
        let large =
            row.path == "MaxMessageBytes"
            ? ", \"Delivery\": {\"MaxSendQueueBytes\": 16777216, \"MaxOutboxBytes\": 16777216}, "
                + "\"RateLimits\": {\"BytesPerConnection\": {\"Burst\": 16777216}}" : ""
        if row.path.hasPrefix("RateLimits.BytesPerConnection.Burst"), row.value == "1" { return }
        let key = try #require(ConfigurationTable.key(row.path))
        let json = key.kind.json(of: try configuration(text + large))
        let written =
            json.contains(".")
            ? json + String(repeating: "0", count: 3 - (json.split(separator: ".").last?.count ?? 0)) : json
        #expect(written == row.value || "\(written).000" == row.value)
    }

    static let otherTypes = ["true", "\"no such thing\"", "\"\"", "[]", "[1]", "{}", "null"]

    /// Values of a type that no key of the table takes are refused by each.
    @Test(arguments: ConfigurationTable.keys.map(\.path), otherTypes) func wrongTypes(_ path: String, _ value: String)
        throws
    {
        let key = try #require(ConfigurationTable.key(path))
        let allowed: Set<String> =
            switch key.kind.sort {
            case .boolean: ["true"]
            case .text(let rule): rule.accepts("no such thing") ? ["\"no such thing\""] : []
            case .optional(.text(let rule)): rule.accepts("no such thing") ? ["\"no such thing\"", "null"] : ["null"]
            case .list: ["[]"]
            case .optional(.list): ["[]", "null"]
            case .optional(.object): ["{}", "null"]
            default: []
            }
        let lines = faults(members(path, value)).filter { $0.contains(", is ") && $0.contains("(line") }
        #expect(lines.isEmpty == allowed.contains(value), "\(lines)")
        for line in lines { #expect(line.hasPrefix("WebSocketServer.\(path)")) }
    }
}
