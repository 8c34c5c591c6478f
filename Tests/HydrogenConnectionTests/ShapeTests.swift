import HydrogenProtocol
import Testing

@testable import HydrogenConnection

/// What others rely on: sizes, names, groups of kinds.
@Suite struct ShapeTests {
    @Test func valuesAreSmall() {
        #expect(MemoryLayout<Machine>.stride <= 40)
        #expect(MemoryLayout<Machine.Action>.size <= 16)
        #expect(MemoryLayout<Event>.size <= 8)
    }

    @Test func labelsAreThoseOfTheMetrics() {
        let labels = [
            "connecting", "verifying", "established", "connected", "heartbeat", "inactive", "closing", "failed",
            "rejected", "closed", "zombie", "freed",
        ]
        #expect(Kind.allCases.map { "\($0.label)" } == labels)
        #expect(Kind.allCases.map { Int($0.rawValue) } == Array(0..<12))
        let phases = ["allocated", "in_use", "marked_for_deletion", "zombie", "freed"]
        #expect(Machine.Phase.allCases.map { "\($0.label)" } == phases)
    }

    @Test func phasesAreThoseOfTheContext() {
        let expected: [Machine.Phase] = [
            .allocated, .allocated, .inUse, .inUse, .inUse, .inUse, .markedForDeletion, .markedForDeletion,
            .markedForDeletion, .markedForDeletion, .zombie, .freed,
        ]
        #expect(Kind.allCases.map(\.phase) == expected)
    }

    @Test func connectionsCountFromEstablishedToClosing() {
        let counted: [Kind] = [.established, .connected, .heartbeat, .inactive, .closing]
        #expect(Kind.allCases.filter(\.countsAsConnection) == counted)
    }

    @Test(arguments: EventKind.allCases) func eventsAndActionsNameTheirKinds(_ kind: EventKind) {
        for trial in Trial.all(of: kind, in: .connected()) { #expect(trial.event.kind == kind) }
    }

    @Test(arguments: Priority.allCases, [true, false])
    func inactiveQueuesOnlyWhatMatters(_ priority: Priority, _ isGuaranteed: Bool) {
        let matters = isGuaranteed || priority == .critical || priority == .high
        for kind in Kind.allCases {
            for situation in Situation.all(of: kind) {
                let expected = [.connected, .heartbeat].contains(kind) || kind == .inactive && matters
                #expect(situation.machine.canQueue(priority, isGuaranteed: isGuaranteed) == expected)
            }
        }
    }
}
