import HydrogenProtocol
import HydrogenShard

/// The trace: one line per step of the world. Only what is deterministic is written, so that the same seed gives the same
/// bytes.
///
/// ```text
/// 17 12.000345678 client 3 → message; 0/3 connected received connected none
/// ```
///
/// Number of the step, simulated time in seconds, what happened; then each step of a machine: loop and slot, state,
/// event, state afterwards, action.
struct TraceWriter {
    private let sink: (@Sendable (String) -> Void)?
    private let head: [String]
    private var line = ""
    private var hasText = false

    init(_ simulation: Simulation) {
        self.sink = simulation.options.trace
        self.head = [
            "# hydrogen trace 1", "# scenario \(simulation.scenario.name)", "# seed \(simulation.seed)",
        ]
    }

    var isOn: Bool { self.sink != nil }

    func writeHead() {
        guard let sink = self.sink else { return }
        for line in self.head { sink(line) }
    }

    mutating func begin(_ step: UInt64, _ now: Instant) {
        self.line = "\(step) \(Self.seconds(now))"
        self.hasText = false
    }

    /// Adds to the line of this step. Who builds its text asks `isOn` before.
    mutating func say(_ text: String) {
        self.line += self.hasText ? "; " : " "
        self.line += text
        self.hasText = true
    }

    /// The same, for what is rare.
    mutating func note(_ text: @autoclosure () -> String) {
        if self.isOn { self.say(text()) }
    }

    mutating func step(_ step: MachineStep, _ loop: LoopIndex) {
        self.say("\(loop)/\(step.id.slot) \(step.before.label) \(step.event.rawValue) \(step.after.label) \(step.action.rawValue)")
    }

    /// A step in which nothing is told has no line.
    mutating func end() {
        guard self.hasText, let sink = self.sink else { return }
        sink(self.line)
    }

    private static func seconds(_ now: Instant) -> String {
        let fraction = String(now.nanoseconds % 1_000_000_000)
        return "\(now.nanoseconds / 1_000_000_000).\(String(repeating: "0", count: 9 - fraction.count))\(fraction)"
    }
}
