extension BenchReport {
    /// The names of a unit of work, and of the time that it takes.
    private var words: (work: String, time: String) {
        switch self.mode {
        case .command: ("answers", "answer")
        case .fanout: ("deliveries", "delivery")
        case .idle, .churn: ("connections", "open")
        }
    }

    /// A table for people.
    package var table: String {
        var rows: [(String, String)] = []
        rows.append(("mode", "\(self.mode.rawValue), \(self.connectionCount) connections\(self.loop)"))
        rows.append(
            self.mode == .idle
                ? (self.words.work, "\(self.messageCount), held for \(fixed(self.seconds, 2)) s")
                : (self.words.work, "\(self.messageCount) in \(fixed(self.seconds, 2)) s: \(fixed(self.perSecond, 0))/s"))
        rows.append(("errors", "\(self.errorCount)"))
        if self.skippedCount > 0 { rows.append(("not sent", "\(self.skippedCount): too many were under way")) }
        if self.mode == .idle { rows.append(("pings answered", "\(self.pingCount)")) }
        rows.append(("client CPU", self.cpu(self.clientCPUSeconds)))
        if let serverCPUSeconds = self.serverCPUSeconds { rows.append(("server CPU", self.cpu(serverCPUSeconds))) }
        var text = rows.map { "\(padded($0.0, 16))\($0.1)\n" }.joined()
        guard self.messageCount > 0 else { return text }
        let heads = Latency.ranks.map(\.name) + ["max", "mean"]
        text += "\n\(padded("microseconds", 16))\(heads.map { padded($0, 11) }.joined())\n"
        if self.rate == nil, self.mode != .idle {
            text += "\(padded(self.words.time + " seen", 16))\(self.latency.columns)\n"
            text += "\(padded("corrected", 16))\(self.correctedLatency.columns)\n"
        } else {
            text += "\(padded(self.words.time, 16))\(self.latency.columns)\n"
        }
        return text
    }

    private var loop: String {
        switch self.mode {
        case .command, .fanout: self.rate.map { ", open loop at \(fixed($0, 0))/s" } ?? ", closed loop, depth \(self.depth)"
        case .idle: ""
        case .churn: " at a time"
        }
    }

    private func cpu(_ seconds: Double) -> String {
        let each = self.messageCount > 0 ? "\(fixed(seconds * 1e6 / Double(self.messageCount), 3)) µs each, " : ""
        let share = self.seconds > 0 ? fixed(100 * seconds / self.seconds, 0) : "0"
        return "\(fixed(seconds, 3)) s: \(each)\(share) % of a core"
    }

    /// One JSON object on one line.
    package var json: String {
        var members: [(String, String)] = [
            ("mode", "\"\(self.mode.rawValue)\""), ("connections", "\(self.connectionCount)"), ("depth", "\(self.depth)"),
            ("rate", self.rate.map { fixed($0, 3) } ?? "null"), ("seconds", fixed(self.seconds, 6)),
            ("messages", "\(self.messageCount)"), ("errors", "\(self.errorCount)"), ("skipped", "\(self.skippedCount)"),
            ("pings", "\(self.pingCount)"), ("per_second", fixed(self.perSecond, 3)),
            ("client_cpu_s", fixed(self.clientCPUSeconds, 6)),
            ("server_cpu_s", self.serverCPUSeconds.map { fixed($0, 6) } ?? "null"),
        ]
        members.append(("latency_us", self.latency.json))
        members.append(("latency_corrected_us", self.correctedLatency.json))
        return "{\(members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ","))}"
    }
}

extension Latency {
    fileprivate var columns: String {
        let values = self.percentiles.map { Double($0) } + [Double(self.maximum), self.mean]
        return values.map { padded(fixed($0 / 1e3, 1), 11) }.joined()
    }

    fileprivate var json: String {
        var members = zip(Self.ranks, self.percentiles).map { ($0.name, fixed(Double($1) / 1e3, 3)) }
        members.append(("max", fixed(Double(self.maximum) / 1e3, 3)))
        members.append(("mean", fixed(self.mean / 1e3, 3)))
        return "{\(members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ","))}"
    }
}

private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

/// A number that is not negative, with so many digits behind the point.
func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, value < 1e12 else { return "0" }
    var scale: Int64 = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((max(0, value) * Double(scale)).rounded())
    guard digits > 0 else { return "\(scaled)" }
    let fraction = String(scaled % scale)
    return "\(scaled / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
}
