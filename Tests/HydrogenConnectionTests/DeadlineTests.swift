import HydrogenProtocol
import Testing

@testable import HydrogenConnection

/// When the machine wants to be woken: one nanosecond before nothing happens, then it does.
@Suite struct DeadlineTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var situation: Situation
        /// From the situation's present to its deadline, in seconds.
        var seconds: Int64
        var kind: Kind
        var action: Machine.Action
        var testDescription: String { self.name }
    }

    static let cases = [
        Case(
            name: "HandshakeTimeout counts from the accept", situation: Situation(), seconds: 10, kind: .failed,
            action: .endTransport),
        Case(
            name: "and goes on in verifying", situation: .verifying(), seconds: 9, kind: .failed,
            action: .endTransport),
        Case(
            name: "and in established", situation: .established(), seconds: 8, kind: .closing,
            action: .beginClosing(.heartbeatTimeout)),
        Case(
            name: "HeartbeatInterval of silence", situation: .connected(), seconds: 25, kind: .heartbeat,
            action: .sendPing),
        Case(
            name: "HeartbeatInterval counts from the last sign of life",
            situation: .connected().then(.received, after: 24) { _, _ in }, seconds: 25, kind: .heartbeat,
            action: .sendPing),
        Case(
            name: "a pong is a sign of life", situation: .connected().then(.pongReceived, after: 24) { _, _ in },
            seconds: 25, kind: .heartbeat, action: .sendPing),
        Case(
            name: "HeartbeatTimeout after the ping", situation: .heartbeat(), seconds: 10, kind: .inactive,
            action: .repeatPing),
        Case(
            name: "pings go on in inactive", situation: .inactive(), seconds: 10, kind: .inactive,
            action: .repeatPing),
        Case(
            name: "until InactiveTimeout", situation: .inactiveForLong(), seconds: 5, kind: .closing,
            action: .beginClosing(.heartbeatTimeout)),
        Case(
            name: "data in heartbeat begins a new interval",
            situation: .heartbeat().then(.received, after: 9) { _, _ in }, seconds: 25, kind: .heartbeat,
            action: .sendPing),
        Case(
            name: "a revival begins a new interval",
            situation: .inactive().then(.received, after: 9) { _, _ in }, seconds: 25, kind: .heartbeat,
            action: .sendPing),
        Case(
            name: "CloseTimeout counts from the beginning of the close", situation: .connected().closing().drained(),
            seconds: 4, kind: .closing, action: .abort),
        Case(
            name: "also when the peer began", situation: .connected().closingByPeer(), seconds: 5, kind: .closing,
            action: .abort),
        Case(name: "CloseTimeout of failed", situation: .failed(), seconds: 5, kind: .failed, action: .abort),
        Case(name: "CloseTimeout of rejected", situation: .rejected(), seconds: 5, kind: .rejected, action: .abort),
        Case(
            name: "ZombieTimeout", situation: .connected(2).transportEnded().turnEnded(), seconds: 60, kind: .freed,
            action: .freeOrphans(count: 2)),
    ]

    @Test(arguments: cases, [Int64(-1), 0, 1])
    func neverEarly(_ test: Case, _ offset: Int64) {
        let timeouts = Situation.timeouts
        var machine = test.situation.machine
        let deadline = test.situation.now + .seconds(test.seconds)
        #expect(machine.deadline(timeouts) == deadline)
        let action = machine.receive(.deadlineReached, at: deadline + Interval(nanoseconds: offset), timeouts)
        #expect(action == (offset < 0 ? .ignored(.notYetDue) : test.action))
        #expect(machine.kind == (offset < 0 ? test.situation.machine.kind : test.kind))
        if offset < 0 { #expect(machine == test.situation.machine) }
        // What the metrics count is what the peer is told.
        if case .beginClosing(let code) = action { #expect(machine.closeCode == code.rawValue) }
    }

    @Test(arguments: [
        Situation.connected().transportEnded(), .failed().aborted(), .rejected().aborted(),
        .connected().closing().aborted(), .failed().transportEnded(), .rejected().transportEnded(),
        Situation().transportEnded().turnEnded(),
    ])
    func nothingIsWaitedFor(_ situation: Situation) {
        #expect(situation.machine.deadline(Situation.timeouts) == nil)
    }

    /// Silence counts for `IdleTimeout` from the last sign of life, not from the last ping.
    @Test(arguments: [Int64(-1), 0, 1]) func idleTimeoutEndsPatience(_ offset: Int64) {
        var timeouts = Situation.timeouts
        timeouts.idleTimeout = .seconds(38)
        let situation = Situation.inactive()
        let deadline = situation.now + .seconds(3)
        var machine = situation.machine
        #expect(machine.deadline(timeouts) == deadline)
        let action = machine.receive(.deadlineReached, at: deadline + Interval(nanoseconds: offset), timeouts)
        #expect(action == (offset < 0 ? .ignored(.notYetDue) : .beginClosing(.heartbeatTimeout)))
    }

    /// A dead peer is noticed after the three time-outs together, whatever pings were sent on the way.
    @Test func deadPeerIsNoticedInTime() {
        var machine = Situation.connected().machine
        let silentSince = Situation.connected().now
        var actions: [Machine.Action] = []
        while machine.kind != .closing, let deadline = machine.deadline(Situation.timeouts) {
            actions.append(machine.receive(.deadlineReached, at: deadline, Situation.timeouts))
            if machine.kind == .closing { #expect(deadline - silentSince == .seconds(50)) }
        }
        #expect(actions == [.sendPing, .repeatPing, .repeatPing, .beginClosing(.heartbeatTimeout)])
        #expect(machine.closeReason == .connectionIdle)
    }

    /// Without an interval the first ping comes as late as `IdleTimeout` allows; the end comes with it.
    @Test func withoutIntervalThePingIsTheLastCheck() {
        var timeouts = Situation.timeouts
        timeouts.heartbeatInterval = .zero
        var machine = Situation.connected().machine
        let silentSince = Situation.connected().now
        #expect(machine.deadline(timeouts) == silentSince + .seconds(275))
        while machine.kind != .closing, let deadline = machine.deadline(timeouts) {
            _ = machine.receive(.deadlineReached, at: deadline, timeouts)
            if machine.kind == .closing { #expect(deadline == silentSince + .seconds(300)) }
        }
    }

    /// An `IdleTimeout` that leaves no room must not make a stream of pings.
    @Test func withoutIntervalPingsKeepTheirDistance() {
        var timeouts = Situation.timeouts
        timeouts.heartbeatInterval = .zero
        timeouts.idleTimeout = .seconds(25)
        let situation = Situation.connected()
        #expect(situation.machine.deadline(timeouts) == situation.now + .seconds(10))
    }

    /// The loop stood still for a minute: one ping goes out, and the peer has its whole time to answer.
    @Test func lateWakeUpSendsOnePing() {
        var machine = Situation.connected().machine
        let late = Situation.connected().now + .seconds(60)
        #expect(machine.receive(.deadlineReached, at: late, Situation.timeouts) == .sendPing)
        #expect(machine.deadline(Situation.timeouts) == late + .seconds(10))
    }
}
