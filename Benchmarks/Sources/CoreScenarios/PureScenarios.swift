import HydrogenConnection
import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard

extension Scenario {
    static let timeouts = ConnectionStateMachine.Timeouts(
        handshake: .seconds(10), heartbeatInterval: .seconds(25), heartbeatTimeout: .seconds(10),
        inactiveTimeout: .seconds(15), idleTimeout: .seconds(300), closeTimeout: .seconds(5), zombieTimeout: .seconds(60))

    /// A command of 228 bytes, as clients send it.
    static var command: [UInt8] {
        let head = "{\"type\":\"command\",\"id\":\"000000000001\",\"channel\":\"system\",\"action\":\"ping\",\"data\":{\"fill\":\""
        let tail = "\"},\"auth\":{\"token\":\"hs_0123456789012345678901234567890123456789012\"}}"
        return Array("\(head)\(String(repeating: "x", count: 228 - head.utf8.count - tail.utf8.count))\(tail)".utf8)
    }

    static var machine: [Scenario] {
        [
            Scenario("machine: a message", unit: "event") {
                var machine = Self.connected()
                var now: Int64 = 0
                return {
                    now += 1
                    use(machine.receive(.received, at: Instant(nanoseconds: now), Self.timeouts))
                }
            },
            Scenario("machine: ping, pong", unit: "heartbeat") {
                var machine = Self.connected()
                var now = Instant(nanoseconds: 0)
                return {
                    now = now + .seconds(25)
                    use(machine.receive(.deadlineReached, at: now, Self.timeouts))
                    use(machine.receive(.pongReceived, at: now, Self.timeouts))
                }
            },
        ]
    }

    private static func connected() -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(acceptedAt: Instant(nanoseconds: 0))
        for event: ConnectionStateMachine.Event in [.requestRead, .accepted, .upgraded] {
            use(machine.receive(event, at: Instant(nanoseconds: 0), self.timeouts))
        }
        return machine
    }

    static var `protocol`: [Scenario] {
        [
            Scenario("envelope: read a command of 228 bytes", unit: "command") {
                var reader = EnvelopeReader()
                let bytes = Self.command
                return { use(reader.read(bytes.span, maxDepth: 32)) }
            },
            Scenario("envelope: write a response", unit: "response") {
                var writer = EnvelopeWriter()
                var out: [UInt8] = []
                let (id, channel, action) = (Array("000000000001".utf8), Array("system".utf8), Array("ping".utf8))
                let data = Array("{\"fill\":\"\(String(repeating: "x", count: 70))\"}".utf8)
                return {
                    out.removeAll(keepingCapacity: true)
                    let start = FrameHeader.reserve(in: &out)
                    writer.appendResponse(
                        to: &out, id: id.span, channel: channel.span, action: action.span, data: data.span,
                        at: WallTime(milliseconds: 1_800_000_000_000))
                    use(FrameHeader.complete(.text, payloadStart: start, in: &out))
                }
            },
            Scenario("text: check 228 bytes of UTF-8", unit: "message") {
                let bytes = Self.command
                return {
                    var check = UTF8Check()
                    use(check.take(bytes.span, isLast: true))
                }
            },
        ]
    }

    static var topics: [Scenario] {
        [1, 10_000].map { count in
            Scenario("topics: match one among \(count)", unit: "match") {
                var index = TopicIndex(seed: 1)
                for number in 0..<count {
                    guard let pattern = try? TopicPattern("job.t\(number).done") else { continue }
                    index.insert(UInt32(number), under: pattern)
                }
                let action = Array("job.t\(count / 2).done".utf8)
                var found: [UInt32] = []
                return {
                    found.removeAll(keepingCapacity: true)
                    index.appendMatches(of: action.span, to: &found)
                    use(found.count)
                }
            }
        }
    }

    static var metrics: [Scenario] {
        [
            Scenario("metrics: the text of a scrape", unit: "scrape") {
                let metrics = ShardMetrics(channels: ["system", "print", "network", "file"])
                let words = [Int64](repeating: 1_234_567, count: metrics.table.wordCount)
                let snapshot = MetricsSnapshot(threads: (0..<4).map { .init(loop: $0, words: words, isFresh: true) })
                return { use(exposition(of: metrics.table, snapshot, format: .prometheusText).count) }
            }
        ]
    }
}
