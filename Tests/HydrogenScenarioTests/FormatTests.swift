import HydrogenConfiguration
import HydrogenProtocol
import HydrogenScenario
import HydrogenSimulation
import Testing

/// What a scenario file says is what the simulation is told.
@Suite struct FormatTests {
    static let whole = """
        {
          "$schema": "scenario.schema.json", // for editors
          "Name": "whole", "Description": "Everything once.",
          "WebSocketServer": {"ThreadPoolSize": 2, "HeartbeatInterval": 5, "Channels": ["news"], "MessageAuth": "connection"},
          "Keys": [{"Name": "device", "Count": 3, "Permissions": ["news:*"], "ExpiresAfter": "1h"}, {"Name": "admin"}],
          "Services": [{"Channel": "print", "Latency": "1ms mostly 20ms to 2s", "Concurrency": 4, "Failing": 0.25}],
          "Clients": [
            {"Name": "fleet", "Count": 10, "Arrive": "1s to 3s evenly", "Key": "device", "Latency": "2ms to 4ms",
             "ClientsPerAddress": 5, "Script": [
               {"Wait": "1s"}, "GoSilent", {"Subscribe": {"Channel": "news", "Topic": "a.*", "Filter": {"Kind": 2}, "Priority": "high"}},
               {"Ask": {"Channel": "print", "Action": "go", "Data": {"n": "$n"}}},
               {"Loop": {"Count": 2, "Steps": [{"Publish": {"Channel": "news", "PadBytes": 10}}, {"Loop": {"Steps": ["Reset"]}}]}},
               {"Choose": [{"Weight": 2, "Steps": []}, {"Steps": [{"Hostile": "noise"}, {"Message": "{}"}]}]}
             ]},
            {"Name": "slow", "Key": "admin", "Credential": "subprotocol", "Opening": "dribbling 1s", "Reconnect": null,
             "Address": "2001:db8::1"}
          ],
          "Faults": {"ConnectionReset": 0.001, "ChokedWrite": 1},
          "Timeline": [
            {"At": "10s", "Restart": {"Down": "2s"}}, {"At": "20s", "PowerCut": {"Clients": "slow", "For": "5s", "Share": 0.5}},
            {"At": "30s", "WallClockJump": "-1h"}, {"At": "31s", "Faults": {"Rates": {"Delay": 0.5}, "For": "1s"}},
            {"At": "32s", "Service": {"Channel": "print", "For": "3s", "Silent": 1}},
            {"At": "33s", "Reload": {"MaxProtocolErrors": 3}}, {"At": "34s", "RevokeKey": "device-2"}
          ],
          "Duration": "1m", "Liveness": "30s",
          "Expectations": [
            {"Says": "freed", "Connections": {"States": ["heartbeat", "inactive"], "At": "40s", "Exactly": 0, "Clients": "slow"}},
            {"Total": {"Of": "closed 4408", "From": "1s", "To": "2s", "AtMost": 7}},
            {"Rate": {"Of": "messages", "Within": "1s", "AtMost": 3, "EachOf": "fleet"}},
            {"Latency": {"Of": "delivery", "Percentile": 99.9, "AtMost": "50ms"}},
            {"Metric": {"Name": "hydrogen_connections{state=\\"zombie\\"}", "Exactly": 0}}
          ],
          "Seeds": [3, 4], "Swarm": true, "DurableSeeds": 0.25, "Inputs": ["client:1", "step:1:2"], "StartsAt": "2027-01-01T00:00:00Z"
        }
        """

    @Test func everythingOnce() throws {
        let file = try scenario(Self.whole)
        let scenario = file.scenario
        #expect(scenario.name == "whole")
        #expect(scenario.server.loopCount == 2)
        #expect(scenario.server.configuration.timeouts.heartbeatInterval == .seconds(5))
        #expect(!scenario.server.policy.requiresMessageToken)
        #expect(scenario.server.keys.map(\.identity) == ["device-1", "device-2", "device-3", "admin"])
        #expect(scenario.server.keys[0].expires == WallTime(milliseconds: scenario.startsAt.milliseconds + 3_600_000))
        #expect(Set(scenario.server.keys.map(\.token)).count == 4)
        let names = scenario.server.configuration.channels.map(\.name)
        #expect(names == ["system", "print", "network", "file", "news"])
        #expect(scenario.server.configuration.channels.map { $0.service != nil } == [false, true, false, false, false])
        #expect(scenario.services.map(\.channel) == [1])
        #expect(
            scenario.services[0].latency
                == .longTail(least: .milliseconds(1), typical: .milliseconds(20), most: .seconds(2)))
        #expect(scenario.services[0].failingPerMillion == 250_000)

        let fleet = scenario.groups[0]
        #expect(fleet.arrival == .evenly(from: .seconds(1), over: .seconds(2)))
        #expect(fleet.credential == .keys(from: 0, count: 3))
        #expect(fleet.addresses.clientsPerAddress == 5)
        #expect(fleet.addresses.first.low == 0xffff_0a00_0001)
        #expect(fleet.link.latency == .uniform(.milliseconds(2), .milliseconds(4)))
        #expect(fleet.script.count == 6)
        guard case .subscribe(let plan) = fleet.script[2] else { return #expect(Bool(false)) }
        #expect(plan.channel == 4 && plan.filter == .kind(2) && plan.priority == .high)
        guard case .ask(let command) = fleet.script[3] else { return #expect(Bool(false)) }
        #expect(command.data == "{\"n\": \"$n\"}")
        guard case .loop(let count, let steps) = fleet.script[4], case .loop(let inner, _) = steps[1] else {
            return #expect(Bool(false))
        }
        #expect(count == 2 && inner == nil)
        guard case .choose(let ways) = fleet.script[5] else { return #expect(Bool(false)) }
        #expect(ways.map(\.weight) == [2, 1])
        #expect(scenario.groups[1].credential == .subprotocolKey(3))
        #expect(scenario.groups[1].opening == .dribbling(byteEvery: .seconds(1)))
        #expect(scenario.groups[1].reconnect == nil)
        #expect(scenario.groups[1].addresses.first.high == 0x2001_0db8_0000_0000)

        #expect(scenario.faults[.connectionReset] == 1_000 && scenario.faults[.chokedWrite] == 1_000_000)
        #expect(scenario.timeline.count == 7)
        guard case .powerCut(let group, let share, let duration, _) = scenario.timeline[1].event else {
            return #expect(Bool(false))
        }
        #expect(group == 1 && share == 500_000 && duration == .seconds(5))
        guard case .reload(let policy) = scenario.timeline[5].event else { return #expect(Bool(false)) }
        // What the section does not name stays as the file's configuration has it.
        #expect(policy.maxProtocolErrors == 3 && !policy.requiresMessageToken)
        guard case .revokeKey(let key) = scenario.timeline[6].event else { return #expect(Bool(false)) }
        #expect(key == 1)

        #expect(scenario.expectations.count == 5)
        guard case .rate(let quantity, .atMost, 3, let window, _, nil, let scope) = scenario.expectations[2].condition
        else { return #expect(Bool(false)) }
        #expect(quantity == .messages && window == .seconds(1) && scope == .eachClient(ofGroup: 0))
        guard case .latency(.delivery, let perMille, let atMost, _, _, _) = scenario.expectations[3].condition else {
            return #expect(Bool(false))
        }
        #expect(perMille == 999 && atMost == .milliseconds(50))

        #expect(file.seeds == [3, 4] && file.isSwarm && scenario.durableSeedsPerMillion == 250_000)
        #expect(file.mask == .only([InputID(.client, of: 1, number: 0), InputID(.step, of: 1, number: 2)]))
        #expect(scenario.liveness?.bound == .seconds(30))
        #expect(scenario.sampleInterval == .milliseconds(200))
    }

    /// The least that a file holds, with one member more or another.
    static func minimal(_ member: String = "") -> String {
        "{\"Name\": \"a\", \"Clients\": [{\"Name\": \"c\"}], \"Duration\": \"1m\"\(member.isEmpty ? "" : ", \(member)")}"
    }

    @Test func theLeast() throws {
        let scenario = try scenario(Self.minimal()).scenario
        #expect(scenario.groups.map(\.count) == [1])
        #expect(scenario.server.keys.map(\.identity) == ["client"])
        #expect(scenario.seeds == [1])
        #expect(scenario.liveness == nil)
    }

    /// One bad file, and the start of each line that it gets.
    static let bad: [(member: String, lines: [String])] = [
        ("\"Speed\": 1", ["Speed: unknown key, did you mean Seeds? (line 1, column 61); allowed: $schema Name"]),
        ("\"Faults\": {\"Delay\": 1.5}", ["Faults.Delay: is too large, is 1.5 (line 1, column 81); allowed: 0 to 1, at most 6"]),
        ("\"Faults\": {\"Delay\": 0.0000001}", ["Faults.Delay: must have at most 6 decimal places"]),
        ("\"Keys\": []", ["Keys: has fewer than 1 entries"]),
        ("\"Keys\": [{\"Name\": \"a\"}, {\"Name\": \"a\"}]", ["Keys: has \"a\" twice"]),
        ("\"Timeline\": [{\"At\": \"2m\", \"Restart\": {}}]", ["Timeline: [0] is after the end"]),
        ("\"Timeline\": [{\"At\": \"1s\"}]", ["Timeline[0]: must have one of its alternatives (line"]),
        (
            "\"Timeline\": [{\"At\": \"1s\", \"Restart\": {}, \"Drain\": {}}]",
            ["Timeline[0]: has Restart and Drain (line 1, column 74); allowed: exactly one of Restart Drain"]
        ),
        ("\"Timeline\": [{\"At\": \"1s\", \"RevokeKey\": \"nobody\"}]", ["Timeline[0].RevokeKey: is the name of no identity, is \"nobody\" (line 1, column 100); allowed: client"]),
        (
            "\"Timeline\": [{\"At\": \"1s\", \"Service\": {\"Channel\": \"print\", \"For\": \"1s\"}}]",
            ["Timeline[0].Service.Channel: is the name of no channel with a service"]
        ),
        ("\"Expectations\": [{\"Total\": {\"Of\": \"opend\", \"AtMost\": 1}}]", ["Expectations[0].Total.Of: is not of the right form"]),
        ("\"Expectations\": [{\"Total\": {\"Of\": \"opened\"}}]", ["Expectations[0].Total: must have one of its alternatives"]),
        (
            "\"Expectations\": [{\"Total\": {\"Of\": \"opened\", \"AtMost\": 1, \"Clients\": \"c\", \"EachOf\": \"d\"}}]",
            ["Expectations[0].Total.EachOf: is the name of no group of clients, is \"d\""]
        ),
        (
            "\"Expectations\": [{\"Total\": {\"Of\": \"opened\", \"AtMost\": 1, \"From\": \"2s\", \"To\": \"2s\"}}]",
            ["Expectations[0].Total.To: is not after From"]
        ),
        ("\"Expectations\": [{\"Latency\": {\"Of\": \"response\", \"Percentile\": 100.1, \"AtMost\": \"1s\"}}]", ["Expectations[0].Latency.Percentile: is too large"]),
        ("\"WebSocketServer\": {\"Port\": -1, \"IdleTimeout\": 10}", ["WebSocketServer.Port: is too small", "WebSocketServer.IdleTimeout: must be at least"]),
        ("\"WebSocketServer\": {\"Channels\": [\"print\"]}", ["WebSocketServer.Channels[0]: is not of the right form"]),
        ("\"Seeds\": [1, 1]", ["Seeds[1]: is in the list already"]),
        ("\"Seeds\": [-1]", ["Seeds[0]: is too small"]),
        ("\"Inputs\": [\"clients:1\"]", ["Inputs[0]: is not of the right form"]),
        ("\"StartsAt\": \"yesterday\"", ["StartsAt: is not of the right form"]),
        ("\"Liveness\": 30", ["Liveness: must have a unit, like \"5m30s\", is 30"]),
        ("\"Swarm\": 1", ["Swarm: must be true or false"]),
    ]

    @Test(arguments: bad.indices) func badFiles(_ index: Int) {
        let (member, lines) = Self.bad[index]
        let found = faults(Self.minimal(member))
        #expect(found.count == lines.count, "\(found)")
        for (line, start) in zip(found, lines) { #expect(line.hasPrefix(start), "\(line)") }
    }

    /// One bad member of a group of clients.
    static let badClients: [(member: String, line: String)] = [
        ("\"Count\": 0", "Clients[0].Count: is too small, is 0 (line 1, column 50); allowed: 1 to 1000000"),
        ("\"Arrive\": \"3s to 1s\"", "Clients[0].Arrive: is not of the right form"),
        ("\"Arrive\": \"soon\"", "Clients[0].Arrive: is not of the right form"),
        ("\"Key\": \"admin\"", "Clients[0].Key: is the name of no key"),
        ("\"Address\": \"example.com\"", "Clients[0].Address: is not of the right form"),
        ("\"Latency\": \"5ms to 1ms\"", "Clients[0].Latency: is not of the right form"),
        ("\"Opening\": \"malformed everything\"", "Clients[0].Opening: is not of the right form"),
        ("\"Reconnect\": {\"InitialDelay\": \"1m\", \"MaximumDelay\": \"1s\"}", "Clients[0].Reconnect.MaximumDelay: is shorter"),
        ("\"Script\": [\"Dance\"]", "Clients[0].Script[0]: must be one of these words, is \"Dance\""),
        ("\"Script\": [{\"Wait\": \"1s\", \"Close\": 1000}]", "Clients[0].Script[0]: has Wait and Close"),
        ("\"Script\": [{}]", "Clients[0].Script[0]: must have one of its alternatives"),
        ("\"Script\": [{\"Loop\": {\"Steps\": [{\"Wiat\": \"1s\"}]}}]", "Clients[0].Script[0].Loop.Steps[0].Wiat: unknown key, did you mean Wait?"),
        ("\"Script\": [{\"Subscribe\": {\"Channel\": \"nwes\"}}]", "Clients[0].Script[0].Subscribe.Channel: is the name of no channel"),
        ("\"Script\": [{\"Ask\": {\"Data\": []}}]", "Clients[0].Script[0].Ask.Data: must be an object"),
        ("\"Script\": [{\"Hostile\": \"everything\"}]", "Clients[0].Script[0].Hostile: must be one of these words"),
        ("\"Script\": [{\"Burst\": {}}]", "Clients[0].Script[0].Burst.Count: is missing"),
    ]

    @Test(arguments: badClients.indices) func badGroups(_ index: Int) {
        let (member, line) = Self.badClients[index]
        let found = faults("{\"Name\": \"a\", \"Clients\": [{\"Name\": \"c\", \(member)}], \"Duration\": \"1m\"}")
        #expect(found.first?.hasPrefix(line) == true, "\(found)")
    }

    @Test func everyFaultAtOnce() {
        let found = faults(
            """
            {
              "Name": "Bad Name",
              "Clients": [{"Name": "a"}, {"Name": "a", "Count": "many"}],
              "Faults": {"Gremlins": 1},
              "Seeds": {}
            }
            """)
        #expect(
            found.map { String($0.prefix { $0 != ";" }) } == [
                "Name: is not of the right form, is \"Bad Name\" (line 2, column 11)",
                "Clients[1].Count: must be a whole number, is \"many\" (line 3, column 53)",
                "Faults.Gremlins: unknown key (line 4, column 14)",
                "Duration: is missing (line 1, column 1)",
                "Seeds: must be a list, is an object (line 5, column 12)",
            ])
    }

    @Test(arguments: [
        ("", "test.json: line 1, column 1: the text ends too early"), ("[]", "test.json: must be an object"),
        ("{\"Name\": }", "test.json: line 1, column 10: unexpected character"),
    ]) func noScenario(_ text: String, _ line: String) {
        #expect(faults(text).map { String($0.prefix(line.count)) } == [line])
    }

    /// `--config` takes the place of the file's configuration.
    @Test func anotherConfiguration() throws {
        var production = Configuration()
        production.threadPoolSize = 7
        production.channels = ["farm"]
        production.secureMode = .tls
        let text = Self.minimal("\"WebSocketServer\": {\"HeartbeatInterval\": 5, \"ThreadPoolSize\": 2}")
        let file = try scenario(text, configuration: production)
        #expect(file.scenario.server.loopCount == 7)
        #expect(file.scenario.server.configuration.timeouts.heartbeatInterval == .seconds(25))
        #expect(file.scenario.server.configuration.channels.map(\.name).last == "farm")
    }
}
