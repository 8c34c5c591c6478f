import HydrogenProtocol

/// Each connection sends messages, each of which is answered: with Hydrogen a command, with any other server whatever it
/// answers, in the order of the messages.
///
/// Closed loop: `depth` messages of each connection are under way, and an answer brings the next one. Open loop: messages
/// leave at a fixed rate, from the connections in turn; a message's time counts from when it should have left.
final class CommandLoad: BenchEngine {
    private var hasBegun = false
    private var answeredCount = 0
    /// Of the open loop: nanoseconds from message to message of this thread, and when the next one is due.
    private var interval = 0.0
    private var nextDue = 0.0
    private var nextPlace = 0

    /// Beyond so many unanswered messages a connection sends nothing in an open loop.
    private static let maxUnanswered = 65_536

    override func ready(_ place: Int) -> Bool {
        self.clients[place].message =
            self.plan.speaksHydrogen
            ? MessageTemplate(
                channel: self.plan.channel ?? "system", action: self.plan.action ?? "ping", data: self.plan.payload,
                token: self.clients[place].token, byteCount: self.plan.messageByteCount)
            : MessageTemplate(plain: self.plan.plainMessage)
        return true
    }

    override func tick() {
        guard self.board.areAllOpen else { return }
        if !self.hasBegun { self.begin() }
        guard self.interval > 0 else { return }
        let now = Double(BenchClock.now)
        while self.nextDue <= now {
            self.send(self.nextPlace, dueAt: Int64(self.nextDue))
            self.nextPlace = (self.nextPlace + 1) % self.clients.count
            self.nextDue += self.interval
        }
    }

    override var nextTick: Int64? { self.interval > 0 ? Int64(self.nextDue) : nil }

    private func begin() {
        self.hasBegun = true
        guard !self.clients.isEmpty else { return }
        if let rate = self.plan.rate {
            let share = Double(self.connectionCount) / Double(self.plan.connectionCount)
            self.interval = 1e9 / (rate * share)
            self.nextDue = Double(BenchClock.now)
            return
        }
        for place in self.clients.indices { self.send(place, count: self.plan.depth) }
    }

    private func send(_ place: Int, count: Int) {
        for _ in 0..<count {
            self.clients[place].sentAt.append(self.now)
            self.append(messageOf: place)
        }
        self.flush(place)
    }

    private func send(_ place: Int, dueAt: Int64) {
        guard self.clients[place].sentAt.count < Self.maxUnanswered else { return self.countSkipped() }
        self.clients[place].sentAt.append(dueAt)
        self.append(messageOf: place)
        self.flush(place)
    }

    override func received(_ place: Int, _ payload: Span<UInt8>) {
        guard let sentAt = self.clients[place].sentAt.popFirst() else { return self.countError() }
        if self.plan.speaksHydrogen, !Answers.isOk(payload, number: self.clients[place].receivedCount) {
            self.countError()
        }
        self.clients[place].receivedCount &+= 1
        self.count(self.now - sentAt)
        self.answeredCount &+= 1
    }

    override func readEnded(_ place: Int) {
        let count = self.answeredCount
        self.answeredCount = 0
        if self.interval == 0, count > 0 { self.send(place, count: count) }
    }
}
