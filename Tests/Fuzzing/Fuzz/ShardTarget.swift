import HydrogenProtocol
import HydrogenScenario
import HydrogenSimulation

/// A small server on two loops in the simulated world, under all of its checkers. The input is what its clients do: two
/// that may do everything, and one without a permission, which sends whatever texts the input holds.
func fuzzShard(_ input: [UInt8]) {
    var reader = InputReader(input)
    let seed = UInt64(reader.byte())
    var scenario = ShardWorld.base.scenario
    var faults = FaultRates()
    for _ in 0..<reader.number(below: 4) { faults[reader.element(of: FaultKind.allCases)] = 50_000 }
    scenario.faults = faults
    var scripts = Array(repeating: [ClientStep](), count: scenario.groups.count)
    while !reader.isAtEnd {
        let group = reader.number(below: scripts.count)
        scripts[group].append(group == ShardWorld.wild ? ShardWorld.wildStep(&reader) : ShardWorld.step(&reader))
    }
    for group in scripts.indices { scenario.groups[group].script = scripts[group] }
    let result = Simulation(scenario, seed: seed).run()
    if let violation = result.violation {
        require(false, "rule \(violation.rule): \(violation.text) at \(violation.at.nanoseconds) ns, seed \(seed)")
    }
}

private enum ShardWorld {
    /// The group that may do nothing.
    static let wild = 2

    /// Its time-outs and blocks are short, so that a short run sees them, and their end.
    static let base: ScenarioFile = {
        let text = """
            {
              "Name": "fuzz",
              "WebSocketServer": {
                "ThreadPoolSize": 2, "Channels": ["news"], "HeartbeatInterval": 5, "HeartbeatTimeout": 2,
                "InactiveTimeout": 4, "IdleTimeout": 20, "HandshakeTimeout": 5, "CloseTimeout": 2, "ZombieTimeout": 5,
                "CommandTimeout": 3, "MessageTimeout": 5, "MaxConnections": 4, "MaxMessageBytes": 2048,
                "MaxCommandsInFlight": 4, "MessageAuth": "connection",
                "RateLimits": {"MessagesPerConnection": {"Rate": 20, "Burst": 40}, "MaxRateViolations": 10},
                "Blocking": {"Duration": 10, "Maximum": 20}
              },
              "Keys": [{"Name": "good"}, {"Name": "wild", "Permissions": []}],
              "Services": [{"Channel": "print", "Latency": "1ms to 2s", "Silent": 0.1}],
              "Clients": [
                {"Name": "first", "Key": "good", "Reconnect": {"InitialDelay": "200ms", "MaximumDelay": "3s"}},
                {"Name": "second", "Key": "good", "Reconnect": {"InitialDelay": "200ms", "MaximumDelay": "3s"}},
                {"Name": "wild", "Key": "wild",
                 "Reconnect": {"InitialDelay": "500ms", "MaximumDelay": "3s", "IgnoresFinalCodes": true}}
              ],
              "Duration": "30s",
              "Liveness": "1m"
            }
            """
        do { return try ScenarioFile.read(Array(text.utf8), path: "fuzz") } catch { fatalError("\(error)") }
    }()

    static func wildStep(_ reader: inout InputReader) -> ClientStep {
        switch reader.number(below: 8) {
        case 0: .wait(self.pause(&reader))
        case 1: .hostile(reader.element(of: HostileInput.allCases))
        default: .message(String(decoding: reader.line(), as: UTF8.self))
        }
    }

    static func step(_ reader: inout InputReader) -> ClientStep {
        switch reader.number(below: 20) {
        case 0, 1: .wait(self.pause(&reader))
        case 2: .command(self.command(&reader))
        case 3: .ask(self.command(&reader))
        case 4: .burst(count: reader.number(below: 60), self.command(&reader))
        case 5, 6: .subscribe(self.subscription(&reader))
        case 7: .unsubscribe(channel: self.channel(&reader), topic: reader.element(of: self.topics))
        case 8, 9: .publish(self.publication(&reader))
        case 10: .readAtMost(bytesPerSecond: reader.element(of: [nil, 1, 100, 10_000]))
        case 11: .stopReading
        case 12: .resumeReading
        case 13: .goSilent
        case 14: .speak
        case 15: .vanish
        case 16: .reappear
        case 17: .close(code: reader.element(of: [nil, 1000, 1001, 3000, 4999]))
        case 18: reader.number(below: 2) == 0 ? .reset : .hangUp
        default: .hostile(reader.element(of: HostileInput.allCases))
        }
    }

    private static let topics = ["**", "job.*", "job.done", "*", "*.done"]

    private static func pause(_ reader: inout InputReader) -> Delay {
        .fixed(reader.element(of: [.milliseconds(1), .milliseconds(100), .seconds(1), .seconds(3), .seconds(8)]))
    }

    /// Of those that are open to publish on.
    private static func channel(_ reader: inout InputReader) -> Int {
        let channels = self.base.scenario.server.configuration.channels
        return reader.element(of: channels.indices.filter { channels[$0].isOpenForPublishing })
    }

    private static func command(_ reader: inout InputReader) -> CommandPlan {
        let (channel, action) = reader.element(of: [
            ("system", "ping"), ("system", "whoami"), ("system", "channels"), ("print", "start"), ("print", "none"),
            ("nowhere", "ping"), ("system", "no.such"),
        ])
        let data = reader.line()
        let isObject = (try? JSONScanner.validate(data.span, maxDepth: 16))?.kind == .object
        return CommandPlan(
            channel: channel, action: action, data: isObject ? String(decoding: data, as: UTF8.self) : "{}",
            token: reader.element(of: CommandPlan.Token.allCases))
    }

    private static func subscription(_ reader: inout InputReader) -> SubscribePlan {
        SubscribePlan(
            channel: self.channel(&reader), topic: reader.element(of: self.topics),
            filter: reader.element(of: [nil, .kind(1), .kindAtLeast(2)]),
            priority: reader.element(of: [nil, .critical, .high, .normal, .low]),
            conflate: reader.element(of: [nil, nil, .milliseconds(500)]))
    }

    private static func publication(_ reader: inout InputReader) -> PublishPlan {
        let flags = reader.byte()
        return PublishPlan(
            channel: self.channel(&reader), action: reader.element(of: ["job.done", "job", "a.done", "job.x.y"]),
            padByteCount: reader.element(of: [0, 10, 1_000, 1_700]),
            priority: reader.element(of: [nil, .critical, .high, .normal, .low]), isRetained: flags & 1 != 0,
            wantsCount: flags & 2 != 0, keyCount: flags & 4 != 0 ? 3 : 0, isForAll: flags & 8 != 0)
    }
}
