import HydrogenProtocol
import HydrogenShard
import HydrogenSimulation

/// A small world around a durable store that fails, stalls and is torn: publishers that send again under their keys until
/// they are answered, and receivers that come and go.
extension Samples {
    static func vault(_ change: (inout FaultRates) -> Void = { _ in }) -> Scenario {
        var configuration = Samples.configuration()
        configuration.sessions.resumeWindow = .seconds(20)
        configuration.delivery = .init(
            window: 4, ackTimeout: .seconds(2), maxAttempts: 8, maxOutboxEvents: 40, maxOutboxBytes: 4_194_304,
            isDurable: true)
        var faults = FaultRates()
        faults[.connectionReset] = 3_000
        faults[.halfOpen] = 500
        faults[.delay] = 5_000
        faults[.lateMail] = 100_000
        faults[.chokedWrite] = 5_000
        faults[.crashRestart] = 20_000
        faults[.lateCommit] = 5_000
        faults[.failedCommit] = 2_000
        faults[.tornCommit] = 1_000
        faults[.forgottenOffset] = 300_000
        change(&faults)
        return Scenario(
            name: "vault", server: Samples.server(loopCount: 2, configuration), groups: Self.depositors, faults: faults,
            timeline: [TimelineEntry(at: .seconds(30), .drain(down: .seconds(1)))], duration: .seconds(60),
            liveness: LivenessPhase(bound: .seconds(60)))
    }

    private static var depositors: [ClientGroup] {
        var parcel = PublishPlan(channel: print, action: "parcel", padByteCount: 40, isGuaranteed: true)
        parcel.keyCount = 1_000_000
        var unnamed = parcel
        unnamed.keyCount = 0
        var kept = unnamed
        kept.isRetained = true
        let letter = PublishPlan(channel: print, action: "letter", padByteCount: 40)
        let reconnect = ReconnectPolicy(
            initialDelay: .milliseconds(100), maximumDelay: .seconds(2), ignoresFinalCodes: true)
        return [
            ClientGroup(
                name: "depositors", count: 4, arrival: .randomly(from: .zero, over: .seconds(1)),
                script: [
                    .loop(count: nil, [
                        .choose([(5, [.publish(parcel)]), (2, [.publish(unnamed)]), (1, [.publish(kept)]), (2, [.publish(letter)])]),
                        .wait(.uniform(.milliseconds(20), .milliseconds(400))),
                    ])
                ], reconnect: reconnect),
            ClientGroup(
                name: "owners", count: 4, arrival: .randomly(from: .zero, over: .seconds(3)),
                script: [
                    .subscribe(SubscribePlan(channel: print, topic: "parcel", filter: nil)),
                    .subscribe(SubscribePlan(channel: print, topic: "letter", isGuaranteed: true)),
                    .loop(count: nil, [
                        .wait(.uniform(.milliseconds(100), .seconds(2))),
                        .choose([
                            (6, []), (2, [.hangUp]), (1, [.close(code: 1000)]), (1, [.reset]),
                            (2, [.holdEvents, .wait(.uniform(.milliseconds(100), .seconds(5))), .handleEvents]),
                            (1, [.vanish, .wait(.uniform(.seconds(1), .seconds(8))), .reappear]),
                            (1, [
                                .unsubscribe(channel: print, topic: "letter"),
                                .subscribe(SubscribePlan(channel: print, topic: "letter", isGuaranteed: true)),
                            ]),
                        ]),
                    ]),
                ], reconnect: reconnect),
        ]
    }
}
