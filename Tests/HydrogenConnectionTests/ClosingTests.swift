import HydrogenProtocol
import Testing

@testable import HydrogenConnection

/// The closing handshake, and the code that is remembered of it.
@Suite struct ClosingTests {
    private func receive(_ event: Event, _ situation: Situation) -> (action: Machine.Action, machine: Machine) {
        var machine = situation.machine
        return (machine.receive(event, at: situation.now, Situation.timeouts), machine)
    }

    @Test(arguments: [Situation.established(), .connected(), .heartbeat(), .inactive()])
    func serverBegins(_ situation: Situation) {
        var (action, machine) = self.receive(.closeRequested(.slowConsumer, reason: .connectionSlowConsumer), situation)
        #expect(action == .beginClosing(.slowConsumer))
        #expect(machine.closeCode == 4413)
        #expect(machine.closeReason == .connectionSlowConsumer)
        action = machine.receive(.queueDrained, at: situation.now, Situation.timeouts)
        #expect(action == .sendClose(.slowConsumer))
        action = machine.receive(.closeReceived(code: 1000), at: situation.now, Situation.timeouts)
        #expect(action == .endTransport)
        action = machine.receive(.transportEnded, at: situation.now, Situation.timeouts)
        #expect(action == .releaseResources)
        #expect(machine.closeCode == 4413)
    }

    @Test(arguments: CloseCode.allCases)
    func everyCodeIsSentAsAsked(_ code: CloseCode) {
        var (_, machine) = self.receive(.closeRequested(code), .connected())
        #expect(machine.closeCode == code.rawValue)
        #expect(machine.receive(.queueDrained, at: Situation.connected().now, Situation.timeouts) == .sendClose(code))
    }

    @Test(arguments: [UInt16?](arrayLiteral: nil, 1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999))
    func peerBegins(_ code: UInt16?) {
        let (action, machine) = self.receive(.closeReceived(code: code), .connected())
        #expect(action == .answerClose(code: code))
        #expect(machine.kind == .closing)
        #expect(machine.closeCode == code ?? 1005)
        #expect(machine.closeReason == nil)
    }

    @Test(arguments: Facts.forbiddenCodes + [1006, 1015, 1016, 2999])
    func forbiddenCodeIsAViolation(_ code: UInt16) {
        let (action, machine) = self.receive(.closeReceived(code: code), .connected())
        #expect(action == .closeOnViolation(.protocolError))
        #expect(machine.closeCode == 1002)
        #expect(machine.closeReason == .framing)
    }

    /// Both begin at once: the peer is answered with our code, and nothing else is sent.
    @Test func closesCross() {
        var machine = Situation.connected().closing().machine
        let now = Situation.connected().closing().now
        #expect(machine.receive(.closeReceived(code: 1000), at: now, Situation.timeouts) == .answerClose(code: 1001))
        #expect(machine.closeCode == 1001)
        #expect(machine.receive(.queueDrained, at: now, Situation.timeouts) == .ignored(.lastWordSent))
    }

    @Test(arguments: [Situation.established(), .connected(), .heartbeat(), .inactive()])
    func lostTransportIs1006(_ situation: Situation) {
        let (action, machine) = self.receive(.transportEnded, situation)
        #expect(action == .releaseResources)
        #expect(machine.closeCode == 1006)
        #expect(machine.closeReason == nil)
    }

    /// What was never established is not counted among the closed.
    @Test(arguments: [
        Situation.failed(), .failed().transportEnded(), .rejected().drained().transportEnded(),
        Situation().transportEnded().turnEnded(),
    ])
    func noCodeWithoutAnUpgrade(_ situation: Situation) { #expect(situation.machine.closeCode == nil) }

    @Test(arguments: [
        (Situation.verifying(), Event.deadlineReached, ErrorCode.connectionHandshakeTimeout),
        (.established(), .deadlineReached, .connectionHandshakeTimeout),
        (.inactive(), .deadlineReached, .connectionIdle),
        (.verifying(), .received, .framing),
        (.established(), .pongReceived, .framing),
        (.verifying(), .closeRequested(.goingAway, reason: .connectionDraining), .connectionDraining),
    ])
    func reasonIsRemembered(_ situation: Situation, _ event: Event, _ reason: ErrorCode) {
        var machine = situation.machine
        _ = machine.receive(event, at: situation.now + .seconds(100), Situation.timeouts)
        #expect(machine.closeReason == reason)
    }

    @Test func roundTripIsFromPingToPong() {
        var machine = Situation.heartbeat().machine
        let now = Situation.heartbeat().now + Interval(nanoseconds: 1_234_567)
        let action = machine.receive(.pongReceived, at: now, Situation.timeouts)
        #expect(action == .recordRoundTrip(Interval(nanoseconds: 1_234_567)))
    }
}
