import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard

/// What a loop found in the store. An event that several outboxes hold stands once.
extension RestoredState: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.retained.map(RecordedEvent.init))
        encoder.append(self.publishKeys)
        var events = EventList()
        for session in self.sessions { for row in session.rows { events.add(row.event) } }
        encoder.append(events.events.map(RecordedEvent.init))
        encoder.append(self.sessions.count)
        for session in self.sessions { session.encode(to: &encoder, events) }
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init()
        self.retained = try decoder.array(of: RecordedEvent.self).map(\.event)
        self.publishKeys = try decoder.array()
        let events = try decoder.array(of: RecordedEvent.self).map(\.event)
        for _ in 0..<(try decoder.count()) { self.sessions.append(try RestoredSession(from: &decoder, events)) }
    }
}

/// Events by the order in which they first came.
private struct EventList {
    private(set) var events: [PublishedEvent] = []
    private var places: [EventID: Int] = [:]

    mutating func add(_ event: PublishedEvent) {
        guard self.places[event.id] == nil else { return }
        self.places[event.id] = self.events.count
        self.events.append(event)
    }

    func place(of event: PublishedEvent) -> Int { self.places[event.id] ?? 0 }
}

extension RestoredSession {
    fileprivate func encode(to encoder: inout RecordingEncoder, _ events: EventList) {
        encoder.append(self.session)
        encoder.append(self.subscriptions)
        encoder.append(self.rows.count)
        for row in self.rows {
            encoder.append(signed: row.offset)
            encoder.append(events.place(of: row.event))
            encoder.append(row.priority)
            encoder.append(row.isRetained)
        }
        encoder.append(self.lost.count)
        for offset in self.lost { encoder.append(signed: offset) }
    }

    fileprivate init(from decoder: inout RecordingDecoder, _ events: [PublishedEvent]) throws(RecordingFault) {
        self.init(session: try decoder.value(), subscriptions: try decoder.array())
        for _ in 0..<(try decoder.count()) {
            let offset = try decoder.signed()
            let place = try decoder.integer(Int.self)
            guard place < events.count else { throw .malformed("an event that is not there") }
            self.rows.append(
                .init(
                    offset: offset, event: events[place], priority: try decoder.value(),
                    isRetained: try decoder.flag()))
        }
        for _ in 0..<(try decoder.count()) { self.lost.append(try decoder.signed()) }
    }
}

extension StoredSession: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.key.bits)
        encoder.append(self.id)
        encoder.append(self.identity)
        encoder.append(self.keyDigest.map(RecordedKeyDigest.init))
        encoder.append(self.tokens)
        encoder.append(self.nextSubscriptionNumber)
        encoder.append(self.gaps.count)
        for gap in self.gaps {
            encoder.append(signed: gap.lowerBound)
            encoder.append(signed: gap.upperBound)
        }
        encoder.append(signed: self.lastOffset)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            key: SessionKey(bits: try decoder.number()), id: try decoder.text(), identity: try decoder.text(),
            keyDigest: try decoder.optional(RecordedKeyDigest.self)?.digest, tokens: try decoder.array(),
            nextSubscriptionNumber: try decoder.integer(), gaps: try Self.gaps(from: &decoder),
            lastOffset: try decoder.signed())
    }

    private static func gaps(from decoder: inout RecordingDecoder) throws(RecordingFault) -> [ClosedRange<Int64>] {
        var gaps: [ClosedRange<Int64>] = []
        for _ in 0..<(try decoder.count()) {
            let (from, to) = (try decoder.signed(), try decoder.signed())
            guard from <= to else { throw .malformed("a gap") }
            gaps.append(from...to)
        }
        return gaps
    }
}

extension StoredSubscription: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.name)
        encoder.append(self.channel)
        encoder.append(self.topic)
        encoder.append(self.filter)
        encoder.append(self.isGuaranteed)
        encoder.append(self.priority)
        encoder.append(self.conflateInterval)
        encoder.append(self.conflateBy != nil)
        encoder.append(self.conflateBy ?? "")
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            name: try decoder.value(), channel: try decoder.integer(), topic: try decoder.data(),
            filter: try decoder.data(), isGuaranteed: try decoder.flag(), priority: try decoder.optional(),
            conflateInterval: try decoder.optional(), conflateBy: try Self.conflateBy(from: &decoder))
    }

    private static func conflateBy(from decoder: inout RecordingDecoder) throws(RecordingFault) -> String? {
        let isThere = try decoder.flag()
        let text = try decoder.text()
        return isThere ? text : nil
    }
}

extension StoredSubscription.Name: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.session.bits)
        encoder.append(self.number)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(session: SessionKey(bits: try decoder.number()), number: try decoder.integer())
    }
}

extension StoredPublishKey: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.key)
        encoder.append(self.event)
        encoder.append(self.until)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(key: try decoder.value(), event: try decoder.value(), until: try decoder.value())
    }
}
