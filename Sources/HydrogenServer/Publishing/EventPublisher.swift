import HydrogenCrypto
import HydrogenProtocol
import HydrogenServices
import HydrogenShard
import HydrogenThreads
import HydrogenTransport

/// Publishes events of the server itself, of its services and of whoever embeds it, from any thread.
final class EventPublisher: Sendable {
    private struct State: Sendable {
        var writer = EnvelopeWriter()
        var number: UInt64 = 0
        var keys: PublishKeyTable
    }

    private let channels: [ChannelDefinition]
    private let loops: [LoopHandle]
    private let places: MailPlaces
    private let ledger: SharedLedger
    private let origin: UInt64
    private let state: Guarded<State>

    /// Who publishes keyed events here: their keys are one scope, apart from those of clients.
    private static let identity = ""

    init(
        channels: [ChannelDefinition], loops: [LoopHandle], places: MailPlaces, ledger: SharedLedger,
        maxPublishKeys: Int
    ) throws(RandomnessUnavailable) {
        self.channels = channels
        self.loops = loops
        self.places = places
        self.ledger = ledger
        var bytes: [UInt8] = []
        try RandomBytes.append(8, to: &bytes)
        self.origin = bytes.reduce(0) { $0 << 8 | UInt64($1) }
        self.state = Guarded(State(keys: PublishKeyTable(maximumCount: maxPublishKeys)))
    }

    /// Sends an event to all loops, or to none.
    /// - Parameters:
    ///   - data: the UTF-8 text of a JSON object that was checked.
    /// - Returns: the id of the event; with a key that was used within five minutes, that of the first one.
    func publish(
        channel name: String, action: String, data: [UInt8], options: EventOptions, audience: Audience
    ) throws(PublishError) -> String {
        guard let channel = self.channels.firstIndex(where: { $0.name == name }) else { throw .unknownChannel }
        guard self.places.reserveEverywhere(of: .events, except: nil) else { throw .busy }
        let now = Clock.now()
        let made = self.state.withLock { state -> (event: PublishedEvent?, id: EventID) in
            state.number += 1
            let id = EventID(origin: self.origin, loop: UInt32(self.loops.count), number: state.number)
            if let key = options.key {
                let key = PublishKey(identity: Self.identity, channel: channel, key: Array(key.utf8))
                if case .used(let known) = state.keys.claim(key, for: id, at: now.instant) { return (nil, known) }
            }
            let event = PublishedEvent(
                id, channel: channel, named: Array(name.utf8), action: Array(action.utf8), data: data.span,
                priority: options.priority.priority, isRetained: options.retain, isGuaranteed: options.guaranteed,
                audience: audience,
                sequence: self.ledger.nextPublishSequence(), writer: &state.writer, at: now)
            return (event, id)
        }
        for loop in self.loops {
            guard let event = made.event else {
                self.places.release(of: .events, at: loop.index)
                continue
            }
            // Its place is reserved: there is room.
            _ = loop.post(.event(event, report: nil))
        }
        return made.id.text
    }
}
