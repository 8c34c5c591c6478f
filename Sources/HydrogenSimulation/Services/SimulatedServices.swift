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
        /// When it is answered; nil: not before the run heals.
        var dueAt: Instant?
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
    /// Commands in hand.
    var count: Int { self.held.count }

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

    /// The run heals: all behave as usual, but none stays silent, and they have nothing to do.
    mutating func restore() {
        for service in self.services.indices {
            self.change(service, to: nil)
            self.services[service].behaviour.silentPerMillion = 0
        }
        self.freeHands()
    }

    /// The process is gone, and its services with it.
    mutating func removeAll() {
        _ = self.held.takeAll()
        self.freeHands()
    }

    private mutating func freeHands() {
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

    mutating func hold(_ command: Held) -> UInt32 { self.held.insert(command) }

    /// Takes out the command that has its answer now. What was planned for a place may be out of date: then there is
    /// none, or another command that waits for another time.
    mutating func takeDue(_ place: UInt32, at now: Instant) -> Held? {
        guard self.held[place]?.dueAt == now else { return nil }
        return self.held.take(place)
    }

    mutating func takeAll() -> [Held] { self.held.takeAll() }
}
