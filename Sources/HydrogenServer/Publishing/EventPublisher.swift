import HydrogenCrypto
import HydrogenProtocol
import HydrogenServices
import HydrogenShard
import HydrogenThreads
import HydrogenTransport

/// Publishes events of the server itself, of its services, of backends, and of whoever embeds it, from any thread.
///
/// What needs nobody's answer goes to every loop at once. What does (a key, a count, a commit) goes through one loop, as
/// a client's publish does; `published` brings what came of it.
final class EventPublisher: Sendable {
    /// Called once, on a loop's thread: it must not wait. nil: the server has stopped.
    typealias Completion = @Sendable (PublishOutcome?) -> Void

    private struct State: Sendable {
        var writer = EnvelopeWriter()
        var number: UInt64 = 0
        /// By number of the publish.
        var completions: [UInt64: Completion] = [:]
        var isStopped = false
    }

    private let channels: [ChannelDefinition]
    private let loops: [LoopHandle]
    private let places: MailPlaces
    private let ledger: SharedLedger
    private let isDurable: Bool
    private let origin: UInt64
    private let state: Guarded<State>

    /// Who publishes keyed events here: their keys are one scope, apart from those of clients.
    private static let identity = ""

    init(
        channels: [ChannelDefinition], loops: [LoopHandle], places: MailPlaces, ledger: SharedLedger, isDurable: Bool
    ) throws(RandomnessUnavailable) {
        self.channels = channels
        self.loops = loops
        self.places = places
        self.ledger = ledger
        self.isDurable = isDurable
        var bytes: [UInt8] = []
        try RandomBytes.append(8, to: &bytes)
        self.origin = bytes.reduce(0) { $0 << 8 | UInt64($1) }
        self.state = Guarded(State())
    }

    /// An event to be published, with names and data that were checked.
    struct Request: Sendable {
        var channel: Int
        var action: String
        /// The UTF-8 text of a JSON object.
        var data: [UInt8]
        var options: EventOptions
        var audience = Audience.subscribers
        /// Whose publish keys its key is one of.
        var identity = EventPublisher.identity
        var wantsCount = false
    }

    /// A request, for a channel by its name.
    func request(
        channel name: String, action: String, data: [UInt8], options: EventOptions, audience: Audience
    ) throws(PublishError) -> Request {
        guard let channel = self.channels.firstIndex(where: { $0.name == name }) else { throw .unknownChannel }
        return Request(channel: channel, action: action, data: data, options: options, audience: audience)
    }

    /// Publishes an event, and waits for what comes of it: with the durable store a guaranteed one is stored by then.
    /// - Returns: the id of the event; with a key that was used within five minutes, that of the first one.
    func publish(_ request: Request) throws(PublishError) -> String {
        if self.goesToEveryLoop(request) { return try self.post(request).text }
        let answer = Guarded<PublishOutcome??>(nil)
        try self.submit(request) { outcome in answer.withLockNotifying { $0 = .some(outcome) } }
        let outcome = answer.wait { (value: inout PublishOutcome??) -> PublishOutcome?? in value }
        switch outcome {
        case .accepted(let id, _): return id.text
        case .refused(.busy): throw .busy
        case .refused: throw .failed
        case nil: throw .stopped
        }
    }

    /// Publishes an event without waiting; the completion tells what came of it, and is not called where this throws.
    func submit(_ request: Request, _ completion: @escaping Completion) throws(PublishError) {
        if self.goesToEveryLoop(request) {
            let id = try self.post(request)
            return completion(.accepted(id, receiverCount: nil))
        }
        let key = request.options.key.map {
            PublishKey(identity: request.identity, channel: request.channel, key: Array($0.utf8))
        }
        let number = try self.state.withLock { state throws(PublishError) -> UInt64 in
            guard !state.isStopped, !self.loops.isEmpty else { throw .stopped }
            state.number += 1
            state.completions[state.number] = completion
            return state.number
        }
        let publish = ServerPublish(
            number: number, channel: request.channel, action: Array(request.action.utf8), data: request.data,
            priority: request.options.priority.priority, isRetained: request.options.retain,
            isGuaranteed: request.options.guaranteed, audience: request.audience, key: key,
            wantsCount: request.wantsCount)
        let loop = publish.home(loopCount: self.loops.count)
        guard self.places.reserve(of: .events, at: loop) else {
            self.state.withLock { $0.completions[number] = nil }
            throw .busy
        }
        // Its place is reserved: there is room.
        _ = self.loops[loop].post(.publish(publish))
    }

    /// A loop tells what came of a publish.
    func published(_ number: UInt64, _ outcome: PublishOutcome) {
        self.state.withLock { $0.completions.removeValue(forKey: number) }?(outcome)
    }

    /// The loops have ended: whoever still waits is told so.
    func stop() {
        let completions = self.state.withLock { state in
            state.isStopped = true
            defer { state.completions = [:] }
            return state.completions
        }
        for completion in completions.values { completion(nil) }
    }

    private func goesToEveryLoop(_ request: Request) -> Bool {
        !ServerPublish.needsOneLoop(
            hasKey: request.options.key != nil, wantsCount: request.wantsCount,
            isKept: request.options.guaranteed || request.options.retain, isDurable: self.isDurable)
    }

    /// Sends an event to all loops, or to none.
    private func post(_ request: Request) throws(PublishError) -> EventID {
        let event = try self.state.withLock { state throws(PublishError) in
            guard !state.isStopped else { throw .stopped }
            guard self.places.reserveEverywhere(of: .events, except: nil) else { throw .busy }
            state.number += 1
            return PublishedEvent(
                EventID(origin: self.origin, loop: UInt32(self.loops.count), number: state.number),
                channel: request.channel, named: Array(self.channels[request.channel].name.utf8),
                action: Array(request.action.utf8), data: request.data.span,
                priority: request.options.priority.priority, isRetained: request.options.retain,
                isGuaranteed: request.options.guaranteed, audience: request.audience,
                sequence: self.ledger.nextPublishSequence(), writer: &state.writer, at: Clock.now())
        }
        // Their places are reserved: there is room.
        for loop in self.loops { _ = loop.post(.event(event, report: nil)) }
        return event.id
    }
}
