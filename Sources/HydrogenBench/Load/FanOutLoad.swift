import HydrogenProtocol

/// One connection publishes, all others receive every event: with Hydrogen by subscriptions to one action, with any other
/// server because it sends each message of the publisher to all.
///
/// Closed loop: `depth` events are under way; one is done when every subscriber has it. Open loop: events leave at a rate.
final class FanOutLoad: BenchEngine {
    private var publishedCount = 0
    /// Subscribers of this thread that have the event of this number, by its place in the ring.
    private var arrivals = [Int](repeating: 0, count: RunBoard.maxEventsUnderWay)
    private var completedCount = 0
    private var interval = 0.0
    private var nextDue = 0.0

    private static let action = "bench.event"

    private var holdsPublisher: Bool { self.thread == 0 }
    private var subscriberCount: Int { self.connectionCount - (self.holdsPublisher ? 1 : 0) }
    private var channel: String { self.plan.channel ?? "print" }

    override func isPublisher(_ place: Int) -> Bool { self.holdsPublisher && place == 0 }

    override func ready(_ place: Int) -> Bool {
        guard self.plan.speaksHydrogen else {
            if self.isPublisher(place) {
                self.clients[place].message = MessageTemplate(plain: self.plan.plainMessage)
            }
            return true
        }
        let token = self.clients[place].token
        if self.isPublisher(place) {
            self.clients[place].message = MessageTemplate(
                channel: self.channel, event: self.plan.action ?? Self.action, data: self.plan.payload, token: token,
                byteCount: self.plan.messageByteCount)
            self.subscribeToOthers(place)
            return self.clients[place].sentCount == 0
        }
        self.clients[place].message = MessageTemplate(
            channel: self.channel, action: "subscribe",
            data: Array("{\"topic\":\"\(self.plan.action ?? Self.action)\"}".utf8), token: token, byteCount: 0)
        self.append(messageOf: place)
        self.flush(place)
        return false
    }

    override func prepared(_ place: Int, by payload: Span<UInt8>) -> Bool {
        guard Answers.isOk(payload, number: self.clients[place].receivedCount) else {
            self.fail(.connection("a subscription was refused: \(text(of: payload))"))
            return false
        }
        guard self.isPublisher(place) else { return true }
        self.clients[place].receivedCount += 1
        return self.clients[place].receivedCount == self.clients[place].sentCount
    }

    /// Makes the publisher's subscriptions that no event of the run matches.
    private func subscribeToOthers(_ place: Int) {
        let topics = (0..<self.plan.otherTopicCount).map { "{\"topic\":\"bench.other.t\($0)\"}" }
        let filters = (0..<self.plan.otherFilterCount).map { number in
            "{\"topic\":\"\(self.plan.action ?? Self.action)\",\"filter\":{\"fill\":{\"eq\":\(number)}}}"
        }
        for data in topics + filters {
            var message = MessageTemplate(
                channel: self.channel, action: "subscribe", data: Array(data.utf8), token: self.clients[place].token,
                byteCount: 0)
            message.setNumber(self.clients[place].sentCount)
            self.append(text: message.bytes)
            self.clients[place].sentCount += 1
        }
        self.flush(place)
    }

    override func received(_ place: Int, _ payload: Span<UInt8>) {
        guard !self.clients[place].isPublisher else { return self.publisherReceived(place, payload) }
        let event = self.clients[place].receivedCount
        self.clients[place].receivedCount &+= 1
        self.count(self.now - self.board.published(event))
        let ring = event % RunBoard.maxEventsUnderWay
        self.arrivals[ring] &+= 1
        if self.arrivals[ring] == self.subscriberCount {
            self.arrivals[ring] = 0
            self.completedCount &+= 1
            self.board.setCompleted(self.completedCount, thread: self.thread)
        }
    }

    private func publisherReceived(_ place: Int, _ payload: Span<UInt8>) {
        guard self.plan.speaksHydrogen else { return }
        if !Answers.isOk(payload, number: self.clients[place].receivedCount) { self.countError() }
        self.clients[place].receivedCount &+= 1
    }

    override func readEnded(_ place: Int) { self.publishMore() }
    override func tick() { self.publishMore() }

    /// The publisher looks often at how far the other threads are; alone it is told by its own reads.
    override var nextTick: Int64? {
        guard self.holdsPublisher, self.board.areAllOpen else { return nil }
        if self.interval > 0 { return Int64(self.nextDue) }
        return self.board.threadCount > 1 ? self.now + 50_000 : nil
    }

    private func publishMore() {
        guard self.holdsPublisher, self.board.areAllOpen else { return }
        if let rate = self.plan.rate {
            if self.interval == 0 {
                self.interval = 1e9 / rate
                self.nextDue = Double(self.now)
            }
            let now = Double(BenchClock.now)
            while self.nextDue <= now {
                let isRoom = self.publishedCount - self.board.completedEventCount < RunBoard.maxEventsUnderWay
                if isRoom { self.publish(at: Int64(self.nextDue)) } else { self.countSkipped() }
                self.nextDue += self.interval
            }
        } else {
            let limit = self.board.completedEventCount + self.plan.depth
            while self.publishedCount < limit { self.publish(at: self.now) }
        }
        self.flush(0)
    }

    private func publish(at time: Int64) {
        self.board.setPublished(self.publishedCount, at: time)
        self.publishedCount += 1
        self.append(messageOf: 0)
    }
}

/// A message as text, for a fault.
private func text(of payload: Span<UInt8>) -> String { String(decoding: [UInt8](payload), as: UTF8.self) }
