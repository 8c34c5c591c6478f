import HydrogenConnection
import HydrogenProtocol
import HydrogenShard
import HydrogenSimulation

/// Scenarios that tests share.
enum Samples {
    static let system = 0
    static let print = 1
    static let file = 2

    static func configuration() -> ShardConfiguration {
        ShardConfiguration(
            node: "sim", serverVersion: "0", path: "/", offersEcho: false, maxConnections: 10_000, maxHandshakes: 1_000,
            timeouts: .init(
                handshake: .seconds(10), heartbeatInterval: .seconds(25), heartbeatTimeout: .seconds(10),
                inactiveTimeout: .seconds(15), idleTimeout: .seconds(300), closeTimeout: .seconds(5),
                zombieTimeout: .seconds(60)),
            messageTimeout: .seconds(30), commandTimeout: .seconds(30), maxMessageBytes: 65_536, maxJSONDepth: 32,
            maxCommandsInFlight: 64, maxFilterBytes: 4096, maxRetained: 100, maxSubscriptions: 128,
            maxSendQueueBytes: 1_048_576, maxPublishKeys: 1_000,
            channels: [
                .init(name: "system", service: nil, actions: [], isOpenForPublishing: false),
                .init(name: "print", service: nil, actions: [], isOpenForPublishing: true),
                .init(name: "file", service: 0, actions: [("list", "")], isOpenForPublishing: true),
            ])
    }

    static func policy() -> ShardPolicy {
        ShardPolicy(requiresMessageToken: true, allowedOrigins: nil, maxProtocolErrors: 10)
    }

    static func server(loopCount: Int = 1, _ configuration: ShardConfiguration = configuration()) -> ServerSetup {
        ServerSetup(
            configuration: configuration, policy: policy(), loopCount: loopCount,
            keys: [
                SimulatedKey(identity: "fleet", token: "hk_fleet", permissions: ["*:*"].compactMap { PermissionPattern($0) })
            ])
    }

    /// Limits that a normal client keeps, and a flooding one does not.
    static func limited() -> ShardPolicy {
        var policy = Samples.policy()
        policy.limits = LimitPolicy(
            connectionsPerAddress: RateLimit(thousandthsPerSecond: 500, burst: 5),
            messagesPerConnection: RateLimit(thousandthsPerSecond: 3_000, burst: 6),
            bytesPerConnection: RateLimit(thousandthsPerSecond: 2_000_000, burst: 65_536),
            messagesPerIdentity: RateLimit(thousandthsPerSecond: 20_000, burst: 60), maxRateViolations: 30,
            blocking: BlockingPolicy(
                after: 20, window: .seconds(60), duration: .seconds(10), maximum: .seconds(60)))
        return policy
    }

    static let ping = CommandPlan(channel: "system", action: "ping", data: #"{"n":$n,"c":$c}"#)
    static let list = CommandPlan(channel: "file", action: "list", data: #"{"path":"$c"}"#)

    /// Clients that send a command every ten seconds.
    static func calm(clients: Int = 10, duration: Interval = .seconds(120), loopCount: Int = 1) -> Scenario {
        Scenario(
            name: "calm", server: server(loopCount: loopCount),
            groups: [
                ClientGroup(
                    name: "devices", count: clients, arrival: .evenly(from: .zero, over: .seconds(10)),
                    script: [.loop(count: nil, [.command(ping), .wait(.fixed(.seconds(10)))])])
            ],
            duration: duration, liveness: LivenessPhase(bound: .seconds(120)))
    }

    /// A bit of everything, with faults.
    static func storm(
        duration: Interval = .seconds(300), loopCount: Int = 3, policy: ShardPolicy = policy()
    ) -> Scenario {
        var faults = FaultRates()
        faults[.connectionRefused] = 50_000
        faults[.connectionReset] = 2_000
        faults[.halfOpen] = 500
        faults[.delay] = 5_000
        faults[.split] = 50_000
        faults[.merge] = 50_000
        faults[.stalledRead] = 500
        faults[.chokedWrite] = 20_000
        faults[.lateWakeUp] = 100_000
        faults[.duplicateWakeUp] = 50_000
        faults[.lateMail] = 100_000
        faults[.wallClockJump] = 10_000
        faults[.slowService] = 20_000
        faults[.failingService] = 20_000
        faults[.silentService] = 10_000
        faults[.malformedMessage] = 2_000
        faults[.crashRestart] = 2_000
        let publish = PublishPlan(channel: print, action: "job.done", padByteCount: 40)
        var counted = publish
        counted.wantsCount = true
        var keyed = publish
        keyed.keyCount = 3
        keyed.action = "job.failed"
        var retained = publish
        retained.isRetained = true
        retained.action = "printer.state"
        var server = server(loopCount: loopCount)
        server.policy = policy
        return Scenario(
            name: "storm", server: server,
            groups: [
                ClientGroup(
                    name: "talkers", count: 12, arrival: .randomly(from: .zero, over: .seconds(20)),
                    script: [
                        .subscribe(SubscribePlan(channel: print, topic: "job.*", filter: .kind(1))),
                        .subscribe(SubscribePlan(channel: print, topic: "printer.**")),
                        .loop(count: nil, [
                            .choose([
                                (4, [.command(ping)]), (4, [.ask(list)]), (2, [.publish(publish)]), (1, [.publish(counted)]),
                                (1, [.publish(keyed)]), (1, [.publish(retained)]),
                                (1, [.burst(count: 10, list)]),
                                (1, [.wait(.fixed(.seconds(40)))]),
                                (1, [.goSilent, .wait(.uniform(.seconds(30), .seconds(60))), .speak]),
                                (1, [.vanish, .wait(.uniform(.seconds(5), .seconds(60))), .reappear]),
                                (1, [.stopReading, .wait(.uniform(.seconds(1), .seconds(20))), .resumeReading]),
                                (1, [.close(code: 1000)]), (1, [.reset]), (1, [.hangUp]),
                            ]),
                            .wait(.uniform(.milliseconds(10), .seconds(5))),
                        ]),
                    ]),
                ClientGroup(
                    name: "listeners", count: 8, script: [
                        .subscribe(SubscribePlan(channel: print, topic: "**")),
                        .loop(count: nil, [.wait(.fixed(.seconds(20))), .command(ping)]),
                    ]),
                ClientGroup(
                    name: "hostile", count: 3, script: [
                        .loop(count: nil, [
                            .wait(.uniform(.milliseconds(100), .seconds(3))),
                            .choose(HostileInput.allCases.map { (1, [.hostile($0)]) }),
                        ])
                    ], reconnect: ReconnectPolicy(ignoresFinalCodes: true)),
                ClientGroup(name: "silent", count: 2, opening: .silent),
                ClientGroup(name: "slow", count: 2, opening: .dribbling(byteEvery: .milliseconds(100))),
                ClientGroup(name: "half", count: 2, opening: .halfway),
                ClientGroup(name: "wrong", count: 2, credential: .wrong),
            ],
            services: [ServiceBehaviour(channel: file, latency: .longTail(least: .milliseconds(1), typical: .milliseconds(20), most: .seconds(60)), concurrency: 8)],
            faults: faults, duration: duration, liveness: LivenessPhase(bound: .seconds(300)))
    }
}
