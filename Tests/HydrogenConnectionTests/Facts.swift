import HydrogenProtocol

@testable import HydrogenConnection

/// What a test knows of a connection by having watched it, without looking into the machine: enough to tell which
/// condition of the table holds.
struct Facts: Sendable, Hashable {
    var references = 0
    var isTransportGone = false
    var isLastWordSent = false
    var isCloseReceived = false
    /// The next instant at which something is due.
    var deadline: Instant?
    /// In `inactive`: when the peer is given up.
    var patienceEnds: Instant?

    /// Whether a row under this condition speaks of this event at this time.
    func satisfy(_ condition: StateMachineTable.Condition, _ event: Event, at now: Instant) -> Bool {
        switch condition {
        case .always: true
        case .notYetDue: self.deadline.map { now < $0 } ?? false
        case .due: self.deadline.map { now >= $0 } ?? false
        case .pingDue: self.isOver(self.deadline, at: now) && (self.patienceEnds.map { now < $0 } ?? false)
        case .patienceOver: self.isOver(self.patienceEnds, at: now)
        case .nothingArmed: self.deadline == nil
        case .transportPresent: !self.isTransportGone
        case .transportGone: self.isTransportGone
        case .goneWithReferences: self.isTransportGone && self.references > 0
        case .goneWithoutReferences: self.isTransportGone && self.references == 0
        case .referencesHeld: self.references > 0
        case .noReferences: self.references == 0
        case .lastReference: self.references == 1
        case .furtherReferences: self.references > 1
        case .referencesCountable: self.references < 65_535
        case .referencesAtMaximum: self.references == 65_535
        case .codeAllowed: !Facts.isForbidden(event)
        case .codeForbidden: Facts.isForbidden(event)
        case .lastWordDue: !self.isLastWordSent && !self.isTransportGone
        case .lastWordSent: self.isLastWordSent && !self.isTransportGone
        case .closeAwaited: self.isLastWordSent && !self.isCloseReceived
        case .closeRepeated: self.isCloseReceived
        }
    }

    private func isOver(_ instant: Instant?, at now: Instant) -> Bool { instant.map { now >= $0 } ?? false }

    /// The codes that the tests use and RFC 6455 §7.4 forbids on the wire.
    static let forbiddenCodes: [UInt16] = [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535]

    static func isForbidden(_ event: Event) -> Bool {
        guard case .closeReceived(let code?) = event else { return false }
        return forbiddenCodes.contains(code)
    }
}
