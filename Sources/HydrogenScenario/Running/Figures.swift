import HydrogenConnection
import HydrogenProtocol
import HydrogenSimulation

/// Numbers as people read them.
package enum FigureText {
    /// `1,234,567`.
    package static func count(_ value: UInt64) -> String {
        let digits = Array(String(value))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// `12 days 3 h`, `1 h 30 min`, `4.2 s`, `350 ms`: the two greatest units.
    package static func duration(nanoseconds: Int64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        switch seconds {
        case 172_800...: return "\(self.count(UInt64(seconds / 86_400))) days \(seconds / 3_600 % 24) h"
        case 3_600...: return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        case 60...: return "\(seconds / 60) min \(seconds % 60) s"
        case 1...: return "\(seconds).\(nanoseconds / 100_000_000 % 10) s"
        default: return "\(nanoseconds / 1_000_000) ms"
        }
    }

    /// `00:04:12.331`: a point of the simulation's time.
    package static func time(_ interval: Interval) -> String {
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let milliseconds = interval.milliseconds
        let fraction = String(1_000 + milliseconds % 1_000).dropFirst()
        let seconds = milliseconds / 1_000
        return "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(fraction)"
    }

    /// How many of something in a second; nil where no time passed.
    package static func perSecond(_ count: UInt64, in time: Duration) -> String? {
        let nanoseconds = time.wholeNanoseconds
        guard nanoseconds > 0 else { return nil }
        return self.count(UInt64(Double(count) / (Double(nanoseconds) / 1e9)))
    }

    /// How many times as fast as the simulated world.
    package static func speedUp(_ simulatedNanoseconds: Int64, in time: Duration) -> String? {
        let nanoseconds = time.wholeNanoseconds
        guard nanoseconds > 0 else { return nil }
        return self.count(UInt64(Double(simulatedNanoseconds) / Double(nanoseconds)))
    }
}

extension Duration {
    /// Nanoseconds, rounded down.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

/// A figure of a run or of many, for the table at the end and for the report.
package struct Figure: Sendable {
    package let name: String
    package let value: String
    /// Details, where there are any.
    package let note: String
}

extension Tally {
    /// What the table at the end shows.
    package var figures: [Figure] {
        let legalCount = self.transitions.count
        let faultCount = self.faults.reduce(0, +)
        let limitCount = self.limitsHit.reduce(0) { $0 + $1.count }
        let simulated = self.simulatedNanoseconds
        let speedUp = FigureText.speedUp(simulated, in: self.wallTime).map { "\($0) times as fast" } ?? ""
        let steps = FigureText.perSecond(self.stepCount, in: self.wallTime).map { "\($0) a second" } ?? ""
        return [
            Figure(
                name: "simulated time", value: FigureText.duration(nanoseconds: simulated),
                note: "in \(FigureText.duration(nanoseconds: self.wallTime.wholeNanoseconds)), \(speedUp)"),
            Figure(name: "steps", value: FigureText.count(self.stepCount), note: steps),
            Figure(name: "connections", value: FigureText.count(self.acceptedCount), note: ""),
            Figure(
                name: "transitions", value: "\(self.takenTransitionCount) of \(legalCount)",
                note: Self.list(self.neverTaken, "never ")),
            Figure(name: "faults injected", value: FigureText.count(faultCount), note: Self.list(self.struckFaults)),
            Figure(name: "limits hit", value: FigureText.count(limitCount), note: Self.list(self.sortedLimits)),
            Figure(
                name: "expectations", value: "\(self.metCount) of \(self.expectationCount)",
                note: self.expectationCount == 0 ? "the scenario has none" : ""),
        ]
    }

    private var struckFaults: [String] {
        FaultKind.allCases.filter { self.faults[Int($0.rawValue)] > 0 }.map {
            "\($0) \(FigureText.count(self.faults[Int($0.rawValue)]))"
        }
    }

    private var sortedLimits: [String] {
        self.limitsHit.sorted { $0.count == $1.count ? $0.name < $1.name : $0.count > $1.count }.map {
            "\($0.name) \(FigureText.count($0.count))"
        }
    }

    private static func list(_ names: [String], _ prefix: String = "") -> String {
        guard !names.isEmpty else { return "" }
        let shown = names.prefix(3).joined(separator: ", ")
        return "\(prefix)\(shown)\(names.count > 3 ? " and \(names.count - 3) more" : "")"
    }
}
