import HydrogenConnection
import HydrogenProtocol
@testable import HydrogenShard
import Testing

@testable import HydrogenSimulation

/// Rules 1 to 4, from the steps of machines.
@Suite struct MirrorTests {
    private static let id = ConnectionID(slot: 0, generation: 1)

    private static func mirror() -> Mirror {
        var mirror = Mirror(Samples.configuration())
        mirror.start(loopCount: 1)
        _ = mirror.accepted(Self.id, at: 0, client: 0, now: Instant(nanoseconds: 0))
        return mirror
    }

    private static func step(
        _ before: ConnectionStateMachine.Kind, _ event: ConnectionStateMachine.EventKind,
        _ after: ConnectionStateMachine.Kind, _ action: ConnectionStateMachine.ActionKind, generation: UInt32 = 1
    ) -> MachineStep {
        MachineStep(
            id: ConnectionID(slot: 0, generation: generation), event: event, before: before, after: after, action: action)
    }

    @Test func aStepOfTheTableIsRight() {
        var mirror = Self.mirror()
        #expect(mirror.take(Self.step(.connecting, .requestRead, .verifying, .none), at: 0, now: Instant(nanoseconds: 1)) == nil)
        #expect(mirror.kind(of: Self.id, at: 0) == .verifying)
    }

    @Test func aStepThatTheTableDoesNotHaveIsFound() {
        var mirror = Self.mirror()
        let fault = mirror.take(Self.step(.connecting, .requestRead, .connected, .none), at: 0, now: Instant(nanoseconds: 1))
        #expect(fault?.rule == 1)
    }

    @Test(arguments: [(ConnectionStateMachine.Kind.verifying, 1), (.connecting, 2)] as [(ConnectionStateMachine.Kind, UInt32)])
    func aStepOfAnotherStateOrTenantIsFound(_ before: ConnectionStateMachine.Kind, _ generation: UInt32) {
        var mirror = Self.mirror()
        let step = Self.step(before, .transportEnded, .failed, .releaseResources, generation: generation)
        #expect(mirror.take(step, at: 0, now: Instant(nanoseconds: 1))?.rule == 3)
    }

    /// The tick is 10 ms, and `HandshakeTimeout` 10 s.
    @Test(arguments: [(9_999, true), (10_000, false), (10_010, false), (10_011, true)]) func aDeadlineComesInTime(
        _ milliseconds: Int64, _ isFault: Bool
    ) {
        var mirror = Self.mirror()
        let step = Self.step(.connecting, .deadlineReached, .failed, .endTransport)
        let fault = mirror.take(step, at: 0, now: Instant(nanoseconds: milliseconds * 1_000_000))
        #expect((fault?.rule == 4) == isFault, "\(String(describing: fault))")
    }

    @Test func aSlotIsNotGivenOutTwice() {
        var mirror = Self.mirror()
        let again = ConnectionID(slot: 0, generation: 2)
        #expect(mirror.accepted(again, at: 0, client: 1, now: Instant(nanoseconds: 1)) != nil)
    }
}
