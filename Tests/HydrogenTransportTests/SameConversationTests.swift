import Foundation
import HydrogenCrypto
import HydrogenMetrics
import HydrogenProtocol
import HydrogenRecording
import HydrogenShard
import HydrogenSimulation
import HydrogenThreads
import Testing

@testable import HydrogenTransport

extension RunningLoops {
    /// The simulated network is the real one as far as the core can tell: one conversation is held in the simulator,
    /// then its clients' very bytes are sent over sockets to libwebsockets. Both cores must do the same.
    @Suite struct SameConversationTests {
        private static let token = "hk_conversation"

        /// One group is one connection, after the one before it has ended.
        private static let scripts: [(name: String, credential: ClientGroup.Credential, script: [ClientStep])] = [
            ("orderly", .key(0), Self.orderly + [.close(code: 1000)]),
            ("browser", .subprotocolKey(0), [.ask(Self.ping), .close(code: 4000)]),
            ("wrong key", .wrong, []),
            ("no key", .none, []),
            ("malformed", .key(0), Self.malformed + [.close(code: nil)]),
            ("too many faults", .key(0), Array(repeating: .hostile(.notAnObject), count: 6)),
            ("binary", .key(0), [.ask(Self.ping), .hostile(.binary)]),
            ("too large", .key(0), [.hostile(.oversizeInFragments)]),
            ("invalid UTF-8", .key(0), [.ask(Self.ping), .hostile(.invalidUTF8)]),
            ("reserved opcode", .key(0), [.ask(Self.ping), .hostile(.reservedOpcode)]),
            ("no mask", .key(0), [.hostile(.unmaskedFrame)]),
            ("reset", .key(0), [.ask(Self.ping), .reset]),
            ("hang up", .key(0), [.ask(Self.ping), .hangUp]),
        ]

        private static let ping = CommandPlan(channel: "system", action: "ping", data: #"{"n":$n}"#)
        private static let orderly: [ClientStep] = [
            .ask(Self.ping),
            .ask(CommandPlan(channel: "system", action: "whoami")),
            .ask(CommandPlan(channel: "system", action: "nonsense")),
            .ask(CommandPlan(channel: "nowhere", action: "ping")),
            .ask(CommandPlan(channel: "system", action: "ping", token: .wrong)), .wait(.fixed(.milliseconds(50))),
            .ask(CommandPlan(channel: "system", action: "ping", token: .absent)), .wait(.fixed(.milliseconds(50))),
            .subscribe(SubscribePlan(channel: 1, topic: "job.*", filter: .kindAtLeast(0))),
            .wait(.fixed(.milliseconds(50))),
            .publish(PublishPlan(channel: 1, action: "job.done", kindCount: 1, wantsCount: true)),
            .wait(.fixed(.milliseconds(50))),
            .publish(PublishPlan(channel: 1, action: "job.large", kindCount: 1, padByteCount: 3_000, priority: .high)),
            .wait(.fixed(.milliseconds(50))),
            .publish(PublishPlan(channel: 1, action: "other", kindCount: 1, isRetained: true, isForAll: true)),
            .wait(.fixed(.milliseconds(50))),
            .unsolicitedPong, .wait(.fixed(.milliseconds(50))),
            .ask(CommandPlan(channel: "file", action: "list", data: #"{"path":"/"}"#)),
            .unsubscribe(channel: 1, topic: "job.*"), .wait(.fixed(.milliseconds(50))),
        ]
        private static let malformed = [
            HostileInput.malformedJSON, .emptyMessage, .missingField, .responseFromClient, .emptyFragments,
        ].flatMap { [ClientStep.hostile($0), .wait(.fixed(.milliseconds(50)))] }

        private static func configuration() -> ShardConfiguration {
            ShardConfiguration(
                node: "same", serverVersion: "0", path: "/", offersEcho: false, maxConnections: 100,
                maxHandshakes: 100,
                timeouts: .init(
                    handshake: .seconds(300), heartbeatInterval: .seconds(300), heartbeatTimeout: .seconds(300),
                    inactiveTimeout: .seconds(300), idleTimeout: .seconds(3_000), closeTimeout: .seconds(60),
                    zombieTimeout: .seconds(60)),
                messageTimeout: .seconds(300), commandTimeout: .seconds(300), maxMessageBytes: 8_192, maxJSONDepth: 32,
                maxCommandsInFlight: 64, maxFilterBytes: 4_096, maxRetained: 100, maxSubscriptions: 128,
                maxSendQueueBytes: 1_048_576, maxPublishKeys: 1_000,
                sessions: SessionSettings(resumeWindow: .zero, maxDetached: 0),
                channels: [
                    .init(name: "system", service: nil, actions: [], isOpenForPublishing: false),
                    .init(name: "print", service: nil, actions: [], isOpenForPublishing: true),
                    .init(name: "file", service: 0, actions: [("list", "")], isOpenForPublishing: true),
                ])
        }

        private static func policy() -> ShardPolicy {
            ShardPolicy(requiresMessageToken: true, allowedOrigins: nil, maxProtocolErrors: 6)
        }

        private static var permissions: [PermissionPattern] { [PermissionPattern("*:*")].compactMap { $0 } }

        private static func scenario() -> Scenario {
            let groups = Self.scripts.enumerated().map { index, script in
                ClientGroup(
                    name: "client\(index)", count: 1, arrival: .atOnce(.seconds(Int64(index) * 30)),
                    credential: script.credential, script: script.script, reconnect: nil)
            }
            let setup = ServerSetup(
                configuration: Self.configuration(), policy: Self.policy(),
                keys: [SimulatedKey(identity: "fleet", token: Self.token, permissions: Self.permissions)])
            return Scenario(
                name: "same", server: setup, groups: groups,
                services: [ServiceBehaviour(channel: 2, failingPerMillion: 1_000_000)],
                duration: .seconds(Int64(Self.scripts.count) * 30))
        }

        @Test func bothNetworksHaveTheSameConversation() throws {
            let activities = Gathered<CoreActivity>()
            var options = SimulationOptions()
            options.observe = { activities.append($0) }
            let result = Simulation(Self.scenario(), seed: 1, options: options).run()
            #expect(result.violation == nil, "\(String(describing: result.violation))")
            var simulated = Conversation()
            for activity in activities.all {
                switch activity {
                case .stepped(let step): simulated.add(step)
                case .wrote(let bytes, let id): simulated.add(written: bytes, to: id)
                case .wanted(let effect): simulated.add(effect)
                case .called(.requested, let id): simulated.begin(id)
                case .called, .received: break
                }
            }

            let server = try RecordedServer(
                Self.configuration(), Self.policy(), token: Self.token, permissions: Self.permissions)
            try Speaker(port: server.port, token: Self.token).repeats(activities.all)
            let real = try server.stop()

            #expect(simulated.lines.count == Self.scripts.count)
            #expect(real.lines.count == simulated.lines.count)
            for (script, (left, right)) in zip(Self.scripts, zip(simulated.lines, real.lines)) {
                #expect(left.steps == right.steps, "\(script.name)")
                #expect(left.frames == right.frames, "\(script.name)")
                #expect(left.effects == right.effects, "\(script.name)")
            }
            // It was no empty talk.
            #expect(simulated.lines[0].frames.count > 14)
            #expect(simulated.lines[0].effects.contains(#"dispatch file/list {"path":"/"}"#))
            let endings = simulated.lines.map { $0.effects.last ?? "" }
            for code in ["1000", "4000", "1005", "1008", "1003", "1009", "1007", "1002", "1006"] {
                #expect(endings.contains { $0.contains(" \(code) ") }, "\(code)")
            }
        }
    }
}

/// A list that other threads add to.
final class Gathered<Element: Sendable>: Sendable {
    private let elements = Guarded<[Element]>([])
    func append(_ element: Element) { self.elements.withLock { $0.append(element) } }
    var all: [Element] { self.elements.withLock { $0 } }
}

/// A loop of libwebsockets with a recorded core.
private final class RecordedServer {
    let port: UInt16
    private let blocks = Gathered<RecordingBlock>()
    private let head: RecordingHead
    private let handle: LoopHandle
    private let thread: LoopThread

    init(
        _ configuration: ShardConfiguration, _ policy: ShardPolicy, token: String, permissions: [PermissionPattern]
    ) throws {
        let grant = Grant(
            identity: "fleet", permissions: permissions, keyID: "key", expires: nil, isRevoked: false,
            digest: SHA256.hash(Array(token.utf8).span))
        self.head = RecordingHead(
            serverVersion: "test", startedAt: Clock.wallTime(), loopCount: 1, configuration: configuration,
            policy: policy, keys: KeyRing(grants: [grant], anonymous: nil))
        let handle = try LoopHandle(index: 0, mailboxCapacity: 64)
        self.handle = handle
        let listeners = try ListeningSockets.open(address: "127.0.0.1", enableIPv6: false, port: 0, loopCount: 1)
        self.port = listeners[0].port
        let metrics = ShardMetrics(channels: configuration.channels.map(\.name))
        let recorder = LoopRecorder(loop: 0, mask: KeyMask(secret: [1])) { [blocks] block in
            blocks.append(block)
            return true
        }
        let shard = Shard(
            configuration: configuration, policy: policy, keys: self.head.keys, loop: 0, ledger: SharedLedger(),
            places: MailPlaces(loopCount: 1, eventCount: 8, answerCount: 8, controlCount: 8), metrics: metrics,
            snapshots: SnapshotCell(metrics.table), tape: recorder.tape)
        var settings = LoopConfiguration()
        settings.handshakeTimeoutSeconds = 300
        // The service fails, as the simulated one does.
        let delegate = LoopDelegate(dispatch: { request in
            let answer = ServiceAnswer(
                slot: request.slot, generation: request.generation, outcome: .failure(.failed, details: "simulated"))
            _ = handle.post(.answer(answer))
        })
        let loop = try EventLoop(
            handle: handle, loops: [handle], listeners: listeners[0], configuration: settings, delegate: delegate,
            core: RecordedShard(shard, recorder))
        self.thread = try LoopThread.start(loop)
    }

    /// Ends the loop, and replays what was recorded: what the core did.
    func stop() throws -> Conversation {
        self.handle.stop(deadline: Clock.instant() + .seconds(20))
        self.thread.join()
        let head = try RecordingHead(self.head.block(mask: KeyMask(secret: [1])))
        var heldBack = HeldBackBytes(loopCount: 1)
        for block in self.blocks.all { try heldBack.read(block) }
        let replayer = Replayer(head, heldBack: heldBack, keepsMachineSteps: true)
        var conversation = Conversation()
        for block in self.blocks.all {
            try replayer.play(block) { step in
                if case .requested(_, let id) = step.recorded.input { conversation.begin(id) }
                for write in step.writes { conversation.add(written: write.bytes, to: write.id) }
                for machineStep in step.machineSteps { conversation.add(machineStep) }
                for effect in step.effects { conversation.add(effect) }
            }
        }
        return conversation
    }
}

/// Sends to a real server what simulated clients sent, and reads as much as they were sent.
private struct Speaker {
    let port: UInt16
    let token: String

    /// Each connection of the simulation, one after the other.
    func repeats(_ activities: [CoreActivity]) throws {
        var order: [ConnectionID] = []
        var byConnection: [ConnectionID: [CoreActivity]] = [:]
        for activity in activities {
            guard let id = Self.connection(of: activity) else { continue }
            if byConnection[id] == nil { order.append(id) }
            byConnection[id, default: []].append(activity)
        }
        for (number, id) in order.enumerated() { try self.repeats(byConnection[id] ?? [], number: number) }
    }

    private static func connection(of activity: CoreActivity) -> ConnectionID? {
        switch activity {
        case .called(_, let id), .received(_, _, let id), .wrote(_, let id): id
        case .stepped, .wanted: nil
        }
    }

    private func repeats(_ activities: [CoreActivity], number: Int) throws {
        var client: TestClient? = TestClient(port: self.port)
        /// The tokens of the session: the simulated one, and ours.
        var tokens: (String, String)?
        for activity in activities {
            switch activity {
            case .called(.requested, _):
                client?.send(self.request(number: number))
            case .called(.refused, _):
                _ = client?.readToEnd()
            case .called(.upgraded, _):
                let head = try #require(client?.readHead())
                #expect(head.hasPrefix("HTTP/1.1 101"))
            case .received(let bytes, let fragment, _):
                var text = String(decoding: bytes, as: UTF8.self)
                if let tokens { text = text.replacingOccurrences(of: tokens.0, with: tokens.1) }
                let opcode: UInt8 = !fragment.isFirst ? 0 : fragment.isBinary ? 2 : 1
                client?.send(TestClient.frame(opcode, Array(text.utf8), isFinal: fragment.isLast))
            case .called(.pongReceived, _):
                client?.send(TestClient.frame(10, Array("hb".utf8)))
            case .called(.closeReceived, _):
                client?.send(TestClient.frame(8, Self.closePayload(number)))
            case .called(.framingFailed, _):
                client?.send(Self.fault(number))
            case .wrote(let bytes, _):
                for frame in Conversation.frames(bytes) {
                    let read = try #require(client?.readFrame(), "\(number): \(frame)")
                    let text = String(decoding: read.payload, as: UTF8.self)
                    if tokens == nil, let simulated = Self.sessionToken(frame), let real = Self.sessionToken(text) {
                        tokens = (simulated, real)
                    }
                }
            case .called(.transportEnded, _):
                if number == Self.resets { client?.reset() }
                if number == Self.resets || number == Self.hangsUp { client = nil }
                // A close frame is answered; where it is an answer itself, nobody reads ours.
                if client?.readClose() != nil { client?.send(TestClient.frame(8, [0x03, 0xe8])) }
                _ = client?.readToEnd()
            case .called, .stepped, .wanted:
                break
            }
        }
    }

    /// Places in the list of scripts.
    private static let (malformed, browser, wrongKey, noKey) = (4, 1, 2, 3)
    private static let (invalidUTF8, reservedOpcode, resets, hangsUp) = (8, 9, 11, 12)

    private func request(number: Int) -> String {
        switch number {
        case Self.browser:
            let key = "hydrogen-protocol, hydrogen.key.\(Base64URL.encode(Array(self.token.utf8).span))"
            return TestClient.request(offered: key)
        case Self.noKey: return TestClient.request()
        case Self.wrongKey: return TestClient.request(more: "Authorization: Key hk_nobody\r\n")
        default: return TestClient.request(more: "Authorization: Key \(self.token)\r\n")
        }
    }

    private static func closePayload(_ number: Int) -> [UInt8] {
        switch number {
        case Self.malformed: []
        case Self.browser: [0x0f, 0xa0]
        default: [0x03, 0xe8]
        }
    }

    private static func fault(_ number: Int) -> [UInt8] {
        switch number {
        case Self.invalidUTF8: TestClient.frame(1, [0xc3, 0x28])
        case Self.reservedOpcode: TestClient.frame(3, [])
        default: TestClient.frame(1, Array("{}".utf8), isMasked: false)
        }
    }

    private static func sessionToken(_ text: String) -> String? {
        text.firstMatch(of: /"token":"(hs_[^"]*)"/).map { String($0.1) }
    }
}
