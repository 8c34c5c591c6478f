import HydrogenProtocol
import HydrogenShard
import HydrogenSimulation

/// A small world at whose entrance much goes on, for the zoo: tickets, and commands that must be signed, with clients that
/// show a ticket twice or too late, and send again what was signed once.
extension Samples {
    static func entrance() -> Scenario {
        var server = Samples.server(loopCount: 2)
        server.policy.signedActions = ["system.ping", "print.publish"].compactMap { SignedAction($0) }
        server.policy.signatureWindow = .seconds(20)
        var faults = FaultRates()
        faults[.connectionReset] = 5_000
        faults[.delay] = 5_000
        faults[.lateMail] = 100_000
        faults[.wallClockJump] = 20_000
        let reconnect = ReconnectPolicy(
            initialDelay: .milliseconds(200), maximumDelay: .seconds(2), ignoresFinalCodes: true)
        return Scenario(
            name: "entrance", server: server, groups: Self.visitors(reconnect),
            backends: [
                BackendPlan(
                    name: "shop", every: .uniform(.milliseconds(50), .seconds(1)),
                    publish: PublishPlan(channel: print, action: "order", keyCount: 50, isGuaranteed: true))
            ],
            faults: faults, timeline: [TimelineEntry(at: .seconds(70), .restart(down: .seconds(1)))],
            duration: .seconds(120), liveness: LivenessPhase(bound: .seconds(60)))
    }

    private static func visitors(_ reconnect: ReconnectPolicy) -> [ClientGroup] {
        let any = ["*:*"].compactMap { PermissionPattern($0) }
        let forgeries: [HostileInput] = [.replayedCommand, .forgedSignature, .forgedTimestamp]
        return [
            ClientGroup(
                name: "pages", count: 4, arrival: .randomly(from: .zero, over: .seconds(2)),
                credential: .ticket(.init(identity: "page", permissions: any, lifetime: .seconds(30))),
                script: [
                    .subscribe(SubscribePlan(channel: print, topic: "order", isGuaranteed: true)),
                    .loop(count: nil, [.wait(.uniform(.seconds(1), .seconds(20))), .hangUp]),
                ], reconnect: reconnect),
            ClientGroup(
                name: "thieves", count: 2,
                credential: .ticket(
                    .init(identity: "thief", permissions: any, lifetime: .seconds(60), isTriedTwice: true)),
                script: [.wait(.uniform(.milliseconds(100), .seconds(5))), .hangUp], reconnect: reconnect),
            ClientGroup(
                name: "dawdlers", count: 2,
                credential: .ticket(
                    .init(
                        identity: "dawdler", permissions: any, lifetime: .seconds(60),
                        delay: .uniform(.seconds(25), .seconds(35)))),
                reconnect: reconnect),
            ClientGroup(
                name: "forgers", count: 3,
                script: [
                    .loop(count: nil, [
                        .ask(ping), .publish(PublishPlan(channel: print, action: "order")),
                        .choose(forgeries.map { (1, [.hostile($0)]) }),
                        .wait(.uniform(.milliseconds(50), .seconds(2))),
                    ])
                ], reconnect: reconnect),
        ]
    }
}
