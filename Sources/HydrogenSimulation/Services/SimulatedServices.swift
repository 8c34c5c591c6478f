import HydrogenProtocol

/// The services of the simulated server: what they have in hand, and how they behave.
struct SimulatedServices {
    /// A command that a service has.
    struct Held {
        var service: Int
        var loop: LoopIndex
        var slot: UInt32
        var generation: UInt32
        var answer: Answer
        /// Of the server that asked.
        var life: UInt32
    }

    enum Answer {
        case ok, failed
    }

    /// One service.
    struct Service {
        var behaviour: ServiceBehaviour
        let usual: ServiceBehaviour
        /// When each of its hands is free again.
        var freeAt: [Instant]
        /// The data of its answers.
        var data: [UInt8]
    }

    private(set) var services: [Service]
    var generator: Generator
    private var held = PlaceTable<Held>()
    /// Commands that nobody is going to answer before the run heals.
    private(set) var forgotten: [Held] = []
    /// Commands in hand.
    private(set) var count = 0

    init(_ scenario: Scenario, seed: UInt64) {
        self.generator = Generator(seed: seed, stream: StreamOf.services)
        let channels = scenario.server.configuration.channels
        let serviceCount = (channels.compactMap(\.service).max() ?? -1) + 1
        self.services = (0..<serviceCount).map { service in
            let channel = channels.firstIndex { $0.service == service } ?? 0
            let behaviour = scenario.services.first { $0.channel == channel } ?? ServiceBehaviour(channel: channel)
            return Service(
                behaviour: behaviour, usual: behaviour,
                freeAt: Array(repeating: Instant(nanoseconds: 0), count: max(behaviour.concurrency, 1)),
                data: Self.data(behaviour.answerByteCount))
        }
    }

    private static func data(_ byteCount: Int) -> [UInt8] {
        Array("{\"pad\":\"\(String(repeating: "x", count: max(byteCount - 10, 0)))\"}".utf8)
    }

    /// One behaves otherwise for a while; nil: as usual again.
    mutating func change(_ service: Int, to behaviour: ServiceBehaviour?) {
        guard self.services.indices.contains(service) else { return }
        self.services[service].behaviour = behaviour ?? self.services[service].usual
    }

    mutating func restore() {
        for service in self.services.indices { self.change(service, to: nil) }
    }

    /// The process is gone, and its services with it.
    mutating func removeAll() {
        self.forgotten = []
        self.count = 0
        for service in self.services.indices {
            for hand in self.services[service].freeAt.indices {
                self.services[service].freeAt[hand] = Instant(nanoseconds: 0)
            }
        }
    }

    /// When a service has done a command that takes so long: after those that came before.
    mutating func finish(_ service: Int, after work: Interval, now: Instant) -> Instant {
        var first = 0
        for hand in self.services[service].freeAt.indices
        where self.services[service].freeAt[hand] < self.services[service].freeAt[first] {
            first = hand
        }
        let end = max(self.services[service].freeAt[first], now) + work
        self.services[service].freeAt[first] = end
        return end
    }

    mutating func hold(_ command: Held) -> UInt32 {
        self.count += 1
        return self.held.insert(command)
    }

    mutating func forget(_ command: Held) {
        self.count += 1
        self.forgotten.append(command)
    }

    mutating func take(_ place: UInt32) -> Held? {
        let command = self.held.take(place)
        if command != nil { self.count -= 1 }
        return command
    }

    mutating func takeForgotten() -> [Held] {
        defer { self.forgotten = [] }
        self.count -= self.forgotten.count
        return self.forgotten
    }
}
