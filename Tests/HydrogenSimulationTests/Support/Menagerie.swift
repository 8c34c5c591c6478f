import HydrogenConnection
import HydrogenProtocol
import HydrogenShard
import HydrogenSimulation

/// A small world in which much goes on, for the zoo: short times, small bounds, a drain, and in every other seed limits.
extension Samples {
    static func menagerie(seed: UInt64) -> Scenario {
        var configuration = Samples.configuration()
        configuration.timeouts = .init(
            handshake: .seconds(3), heartbeatInterval: .seconds(5), heartbeatTimeout: .seconds(2),
            inactiveTimeout: .seconds(4), idleTimeout: .seconds(20), closeTimeout: .seconds(2),
            zombieTimeout: .seconds(10))
        configuration.messageTimeout = .seconds(5)
        configuration.commandTimeout = .seconds(2)
        configuration.maxSendQueueBytes = 66_560
        configuration.sessions.resumeWindow = .seconds(10)
        configuration.delivery = .init(
            window: 3, ackTimeout: .seconds(1), maxAttempts: 3, maxOutboxEvents: 12, maxOutboxBytes: 4_194_304)
        var server = Samples.server(loopCount: 2, configuration)
        if seed % 2 == 1 { server.policy = Samples.limited() }
        var faults = FaultRates()
        faults[.connectionReset] = 5_000
        faults[.halfOpen] = 2_000
        faults[.delay] = 5_000
        faults[.split] = 100_000
        faults[.merge] = 50_000
        faults[.chokedWrite] = 10_000
        faults[.lateWakeUp] = 50_000
        faults[.duplicateWakeUp] = 50_000
        faults[.lateMail] = 100_000
        faults[.slowService] = 200_000
        faults[.failingService] = 20_000
        faults[.malformedMessage] = 5_000
        return Scenario(
            name: "menagerie", server: server, groups: Self.animals,
            services: [
                ServiceBehaviour(
                    channel: file, latency: .longTail(least: .milliseconds(1), typical: .milliseconds(50), most: .seconds(8)),
                    concurrency: 16)
            ],
            faults: faults, timeline: [TimelineEntry(at: .seconds(50), .drain(down: .seconds(1)))],
            duration: .seconds(60), liveness: LivenessPhase(bound: .seconds(90)))
    }

    private static var animals: [ClientGroup] {
        let publish = PublishPlan(channel: print, action: "job.done", padByteCount: 40)
        var keyed = publish
        keyed.keyCount = 2
        var counted = publish
        counted.wantsCount = true
        var large = publish
        large.padByteCount = 20_000
        let parcel = PublishPlan(channel: print, action: "parcel", padByteCount: 40, isGuaranteed: true)
        // Also after a goodbye of its own, as another client with the same key.
        let reconnect = ReconnectPolicy(
            initialDelay: .milliseconds(200), maximumDelay: .seconds(2), ignoresFinalCodes: true)
        return [
            ClientGroup(
                name: "talkers", count: 6, arrival: .randomly(from: .zero, over: .seconds(2)),
                script: [
                    .subscribe(SubscribePlan(channel: print, topic: "job.*", filter: .kind(1))),
                    .loop(count: nil, [
                        .choose([
                            (4, [.command(ping)]), (4, [.command(list)]), (3, [.publish(publish)]), (2, [.publish(keyed)]),
                            (1, [.publish(counted)]), (1, [.publish(large)]),
                            (1, [.goSilent, .wait(.uniform(.seconds(6), .seconds(12))), .speak]),
                            (1, [.hangUp]), (1, [.close(code: 1000)]), (1, [.command(list), .hangUp]),
                        ]),
                        .wait(.uniform(.milliseconds(10), .milliseconds(800))),
                    ]),
                ], reconnect: reconnect),
            ClientGroup(
                name: "couriers", count: 2,
                script: [.loop(count: nil, [.publish(parcel), .wait(.uniform(.milliseconds(20), .milliseconds(600)))])],
                reconnect: reconnect),
            ClientGroup(
                name: "receivers", count: 3,
                script: [
                    .subscribe(SubscribePlan(channel: print, topic: "parcel", isGuaranteed: true)),
                    .loop(count: nil, [
                        .wait(.uniform(.milliseconds(100), .seconds(2))),
                        .choose([
                            (4, []), (2, [.hangUp]), (1, [.close(code: 1000)]),
                            (2, [.holdEvents, .wait(.uniform(.milliseconds(100), .seconds(9))), .handleEvents]),
                            (1, [.vanish, .wait(.uniform(.seconds(1), .seconds(8))), .reappear]),
                        ]),
                    ]),
                ], reconnect: reconnect),
            ClientGroup(
                name: "slow readers", count: 2, link: NetworkLink(sendBufferBytes: 8_192),
                script: [
                    .subscribe(SubscribePlan(channel: print, topic: "**")), .wait(.fixed(.seconds(5))), .stopReading,
                ], reconnect: reconnect),
            ClientGroup(
                name: "flooding", count: 1, addresses: .init(first: PeerAddress(ipv4: 0x0a01_0001, port: 0)),
                script: [.flood(every: .milliseconds(50), duration: .seconds(60), ping)], reconnect: reconnect),
            ClientGroup(
                name: "hostile", count: 2,
                script: [
                    .loop(count: nil, [
                        .wait(.uniform(.milliseconds(20), .milliseconds(300))),
                        .choose(HostileInput.allCases.map { (1, [.hostile($0)]) }),
                    ])
                ], reconnect: ReconnectPolicy(initialDelay: .milliseconds(200), ignoresFinalCodes: true)),
            ClientGroup(name: "silent", count: 1, opening: .silent, reconnect: reconnect),
        ]
    }
}
