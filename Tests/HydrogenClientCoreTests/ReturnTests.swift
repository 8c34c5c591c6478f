import HydrogenProtocol
import Testing

@testable import HydrogenClientCore

/// What comes back, when, and what does not.
@Suite struct ReturnTests {
    @Test(arguments: Trial.codes) func closeCodesAreThoseOfTheContract(_ code: UInt16) {
        let returning: [UInt16] = [1001, 1006, 1011, 1012, 1013, 4408, 4413, 4429, 4503]
        var client = TestClient.connected()
        let done = client.perform { $0.transportEnded(code: code, at: $1) }
        #expect(done == [.state(returning.contains(code) ? .waiting : .stopped)])
        #expect(client.core.end == (returning.contains(code) ? nil : .closed(code: code)))
    }

    @Test(arguments: [
        (400, nil, false), (401, nil, false), (403, nil, false), (403, 7, true), (404, nil, false), (426, nil, false),
        (429, 2, true), (429, nil, true), (500, nil, true), (502, nil, true), (503, 1, true),
    ] as [(UInt16, Int64?, Bool)])
    func statusesThatPassAreTriedAgain(_ status: UInt16, _ retryAfter: Int64?, _ returns: Bool) {
        var client = TestClient()
        client.perform { $0.start(at: $1) }
        let start = client.now
        let done = client.perform {
            $0.transportRefused(status: status, retryAfter: retryAfter.map { .seconds($0) }, at: $1)
        }
        #expect(done == [.state(returns ? .waiting : .stopped)])
        #expect(client.core.end == (returns ? nil : .refused(status: status)))
        if returns, let due = client.core.nextAttemptAt { #expect(due >= start + .seconds(retryAfter ?? 0)) }
    }

    /// After 4429 the client waits as long as the last error said.
    @Test(arguments: [4429, 4503] as [UInt16]) func aRateThatWasExceededIsHeeded(_ code: UInt16) {
        for seed in UInt64(0)..<20 {
            var client = TestClient.connected(seed: seed)
            client.hear(TestClient.error(nil, "connection", "rate_limited", isRetryable: true, retryAfter: 5_000))
            client.perform { $0.transportEnded(code: code, at: $1) }
            let delay = client.core.nextAttemptAt.map { $0 - client.now } ?? .zero
            #expect((delay >= .seconds(5)) == (code == 4429))
            #expect(delay <= .milliseconds(code == 4429 ? 5_500 : 500))
        }
    }

    /// Delays are drawn from a range that doubles up to the maximum, and starts anew after a connection that lasted.
    @Test func delaysGrowWithFullJitter() {
        var longest = [Int64](repeating: 0, count: 9)
        var shortest = [Int64](repeating: Int64.max, count: 9)
        for seed in UInt64(0)..<400 {
            var client = TestClient(seed: seed)
            client.perform { $0.start(at: $1) }
            for attempt in 0..<9 {
                client.perform { $0.transportEnded(code: nil, at: $1) }
                let delay = client.core.nextAttemptAt.map { $0 - client.now } ?? .seconds(-1)
                longest[attempt] = max(longest[attempt], delay.milliseconds)
                shortest[attempt] = min(shortest[attempt], delay.milliseconds)
                #expect(client.pass(delay) == [.state(.connecting), .open])
            }
        }
        for (attempt, ceiling) in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000].enumerated() {
            #expect(longest[attempt] <= ceiling && longest[attempt] > ceiling * 9 / 10, "attempt \(attempt)")
            #expect(shortest[attempt] < ceiling / 10, "attempt \(attempt)")
        }
    }

    @Test(arguments: [4_999, 5_000]) func aConnectionThatLastedStartsAnew(_ milliseconds: Int64) {
        var client = TestClient()
        client.perform { $0.start(at: $1) }
        for _ in 0..<5 {
            client.perform { $0.transportEnded(code: nil, at: $1) }
            while client.core.kind != .connecting { client.pass(.milliseconds(100)) }
        }
        #expect(client.core.machine.attempt == 5)
        client.perform { $0.transportOpened(at: $1) }
        client.hear(TestClient.greeting())
        client.pass(.milliseconds(milliseconds))
        client.perform { $0.transportEnded(code: nil, at: $1) }
        #expect(client.core.machine.attempt == (milliseconds < 5_000 ? 6 : 1))
    }

    @Test func aDeadServerIsNoticed() {
        var client = TestClient.connected()
        #expect(client.pass(.milliseconds(29_999)) == [])
        client.hear(TestClient.event())
        #expect(client.pass(.milliseconds(29_999)) == [])
        #expect(client.pass(.milliseconds(1)) == [.state(.probing), .ping])
        #expect(client.perform { $0.pongReceived(at: $1) } == [.state(.connected)])
        #expect(client.pass(.seconds(30)) == [.state(.probing), .ping])
        #expect(client.pass(.seconds(10)) == [.state(.closing), .abort])
        #expect(client.perform { $0.transportEnded(code: nil, at: $1) } == [.state(.waiting)])
    }

    @Test func aGreetingMustCome() {
        var client = TestClient()
        client.perform { $0.start(at: $1) }
        client.pass(.seconds(15))
        client.perform { $0.transportOpened(at: $1) }
        #expect(client.pass(.milliseconds(4_999)) == [])
        #expect(client.pass(.milliseconds(1)) == [.state(.closing), .abort])
    }

    @Test(arguments: [
        "", "[]", "{", TestClient.event(), TestClient.ok(1), TestClient.greeting(version: 2),
        #"{"type":"event","channel":"system","action":"session","data":{}}"#,
    ])
    func whatIsNoGreetingIsABreach(_ message: String) {
        var client = TestClient()
        client.perform { $0.start(at: $1) }
        client.perform { $0.transportOpened(at: $1) }
        #expect(client.hear(message) == [.state(.closing), .close(1002)])
        #expect(client.perform { $0.transportEnded(code: 1002, at: $1) } == [.state(.stopped)])
        #expect(client.core.end == .violation)
    }

    @Test func messagesOfLaterVersionsAreIgnored() {
        var client = TestClient.connected()
        #expect(client.hear(#"{"type":"hint","x":[1]}"#) == [])
        #expect(client.hear("{}") == [])
        #expect(client.hear(#"{"type":"event","channel":"print","action":"a","new":{},"priority":7}"#).count == 1)
        #expect(client.core.kind == .connected)
    }

    /// A refusal that passes leaves the session where it is, and asks again over another connection.
    @Test func aResumeThatIsRefusedForNowIsAskedAgain() {
        var client = TestClient.connected()
        _ = client.reconnect()
        let busy = TestClient.error(1, "application", "busy", isRetryable: true, retryAfter: 3_000)
        #expect(client.hear(busy) == [.state(.closing), .close(1000)])
        let asked = client.now
        #expect(client.perform { $0.transportEnded(code: 1000, at: $1) } == [.state(.waiting)])
        #expect(client.core.nextAttemptAt.map { $0 >= asked + .seconds(3) } == true)
        #expect(client.core.session?.id == Array("s1".utf8))
    }

    /// A guaranteed event of the fresh session came while another one was being resumed, which is gone: it would be
    /// missing there, so a third session is taken.
    @Test func aFreshSessionThatMissedAnEventIsNotTaken() {
        var client = TestClient.connected()
        _ = client.reconnect()
        #expect(client.hear(TestClient.event(1)) == [])
        let gone = TestClient.error(1, "authentication", "session", isRetryable: false)
        #expect(client.hear(gone) == [.state(.closing), .close(1000)])
        client.perform { $0.transportEnded(code: 1000, at: $1) }
        client.pass(.seconds(1))
        client.perform { $0.transportOpened(at: $1) }
        #expect(client.hear(TestClient.greeting("s3")) == [.state(.connected), .session(isResumed: false)])
    }

    /// Stopping in the middle, starting before the end.
    @Test func stopAndStart() {
        var client = TestClient.connected()
        #expect(client.perform { $0.stop(at: $1) } == [.state(.closing), .close(1000)])
        #expect(client.hear(TestClient.event(1)) == [])
        #expect(client.perform { $0.start(at: $1) } == [])
        #expect(client.perform { $0.transportEnded(code: 1000, at: $1) } == [.state(.waiting)])
        #expect(client.pass(.seconds(1)) == [.state(.connecting), .open])
        #expect(client.perform { $0.stop(at: $1) } == [.state(.closing), .abort])
        #expect(client.perform { $0.transportRefused(status: 503, retryAfter: nil, at: $1) } == [.state(.stopped)])
        #expect(client.core.end == .requested)
        #expect(client.core.nextDeadline == nil)
    }
}
