import HydrogenProtocol

@testable import HydrogenClientCore

typealias Machine = ClientStateMachine
typealias Kind = ClientStateMachine.Kind
typealias Event = ClientStateMachine.Event
typealias EventKind = ClientStateMachine.EventKind
typealias Row = ClientStateTable.Row

/// A machine in one kind, with all that matters to it in every variation.
struct Situation: CustomStringConvertible {
    var machine: Machine
    var settings: Machine.Settings
    var comesBack = false
    var isAborted = false

    static let past = Instant(nanoseconds: 1_000_000_000)

    static func settings(pings: Bool = true) -> Machine.Settings {
        var settings = Machine.Settings()
        if !pings { settings.pingInterval = .zero }
        return settings
    }

    static func all(of kind: Kind) -> [Situation] {
        var machine = Machine(seed: 7)
        machine.kind = kind
        machine.since = self.past
        machine.lastReceivedAt = self.past
        machine.wakeAt = self.past + .seconds(3)
        let plain = Situation(machine: machine, settings: self.settings())
        switch kind {
        case .stopped:
            let ends: [Machine.End?] = [nil, .requested, .violation]
            return ends.map { end in
                var situation = plain
                situation.machine.end = end
                return situation
            }
        case .connected:
            return [plain, Situation(machine: machine, settings: self.settings(pings: false))]
        case .closing:
            return [true, false].flatMap { comesBack in
                [true, false].map { isAborted in
                    var situation = plain
                    (situation.comesBack, situation.isAborted) = (comesBack, isAborted)
                    situation.machine.marks = comesBack ? [.comesBack] : []
                    if isAborted { situation.machine.marks.insert(.aborted) }
                    situation.machine.end = comesBack ? nil : .requested
                    return situation
                }
            }
        case .connecting, .greeting, .resuming, .probing, .waiting: return [plain]
        }
    }

    /// When something is due, worked out apart from the machine.
    var deadline: Instant? {
        switch self.machine.kind {
        case .stopped: nil
        case .connecting, .greeting, .resuming: Situation.past + .seconds(20)
        case .connected: self.settings.pingInterval == .zero ? nil : Situation.past + .seconds(30)
        case .probing, .waiting: Situation.past + .seconds(3)
        case .closing: self.isAborted ? nil : Situation.past + .seconds(5)
        }
    }

    func satisfies(_ condition: ClientStateTable.Condition, _ event: Event, at now: Instant) -> Bool {
        switch condition {
        case .always: true
        case .comesBack: self.comesBack
        case .isLast: !self.comesBack
        case .comesBackLater: self.comesBack && !Self.isFinal(event, whileClosing: true)
        case .comesBackForbidden: self.comesBack && Self.isFinal(event, whileClosing: true)
        case .passing: !Self.isFinal(event, whileClosing: false)
        case .final: Self.isFinal(event, whileClosing: false)
        case .hasSession: event == .sessionReceived(canResume: true)
        case .hasNoSession: event == .sessionReceived(canResume: false)
        case .retryable: Self.isRetryable(event)
        case .notRetryable: !Self.isRetryable(event)
        case .notYetDue: self.deadline.map { now < $0 } ?? false
        case .due: self.deadline.map { now >= $0 } ?? false
        case .nothingArmed: self.deadline == nil
        }
    }

    /// PROTOCOL section 9, and which statuses pass.
    private static func isFinal(_ event: Event, whileClosing: Bool) -> Bool {
        switch event {
        case .transportEnded(let code, _):
            if whileClosing && code == 1000 { return false }
            return code.map { ![1001, 1006, 1011, 1012, 1013, 4408, 4413, 4429, 4503].contains($0) } ?? false
        case .transportRefused(let status, let retryAfter):
            return retryAfter == nil && [400, 401, 403, 404, 405, 426].contains(status)
        default: return false
        }
    }

    private static func isRetryable(_ event: Event) -> Bool {
        if case .resumeRefused(let isRetryable, _) = event { return isRetryable }
        return false
    }

    var description: String {
        "\(self.machine.kind)\(self.comesBack ? " coming back" : "")\(self.isAborted ? " aborted" : "")"
    }
}

/// An event with what it carries, and when it comes.
struct Trial {
    var event: Event
    var now: Instant

    static func all(of kind: EventKind, in situation: Situation) -> [Trial] {
        let instants = [situation.deadline.map { Instant(nanoseconds: $0.nanoseconds - 1) }, situation.deadline]
        let now = Situation.past + .seconds(1)
        return self.events(of: kind).flatMap { event in
            guard event == .deadlineReached else { return [Trial(event: event, now: now)] }
            return (instants.compactMap(\.self) + [now + .seconds(3600)]).map { Trial(event: event, now: $0) }
        }
    }

    static func events(of kind: EventKind) -> [Event] {
        switch kind {
        case .startRequested: [.startRequested]
        case .stopRequested: [.stopRequested]
        case .transportOpened: [.transportOpened]
        case .transportRefused:
            [400, 401, 403, 404, 405, 426, 429, 500, 502, 503].flatMap { status in
                [nil, Interval.seconds(9)].map { .transportRefused(status: status, retryAfter: $0) }
            }
        case .transportEnded:
            (codes.map(Optional.some) + [nil]).flatMap { code in
                [nil, Interval.seconds(9)].map { .transportEnded(code: code, retryAfter: $0) }
            }
        case .sessionReceived: [.sessionReceived(canResume: true), .sessionReceived(canResume: false)]
        case .resumeAccepted: [.resumeAccepted]
        case .resumeRefused:
            [true, false].flatMap { isRetryable in
                [nil, Interval.seconds(9)].map { .resumeRefused(isRetryable: isRetryable, retryAfter: $0) }
            }
        case .received: [.received]
        case .violationFound: [.violationFound]
        case .deadlineReached: [.deadlineReached]
        }
    }

    static let codes: [UInt16] = [
        1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4401, 4403, 4408, 4409, 4413,
        4429, 4503, 4999,
    ]
}
