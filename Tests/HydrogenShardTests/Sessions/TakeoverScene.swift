import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Two loops, a receiver whose session lives on the first, and a publisher there.
///
/// A scene is played again and again from the beginning, in one world: making one costs more than twenty moves.
final class TakeoverScene {
    struct BrokenRule: Error { var description: String }

    enum Move: Hashable {
        case publish
        /// A new connection on this loop asks for the session.
        case resume(Int)
        /// The connection on this loop is lost.
        case lose(Int)
        /// The receiver acknowledges what it has.
        case acknowledge
        /// The oldest mail between two loops arrives.
        case carry(from: Int, to: Int)
    }

    // What keeps the number of states finite.
    private static let maximumPublishes = 2
    /// With so many mails on their way nothing happens but that one arrives.
    private static let maximumMails = 3

    /// How long a session waits for its client.
    private static let resumeWindow = Interval.milliseconds(1)

    let world: DeliveryWorld
    private let publisher: TestClient
    private(set) var session: SessionData
    /// The receiver's connections, by loop, and whether each has the session as far as the receiver knows.
    private(set) var connections: [TestClient?] = [nil, nil]
    private(set) var isResumed = [true, false]
    /// The loop of the connection that the receiver made last: it reads no other.
    private(set) var newest = 0
    private(set) var published = 0
    private(set) var processed = 0
    private(set) var acknowledged = 0
    private(set) var takeovers = 0
    private(set) var replays = 0

    init() throws {
        var configuration = DeliveryWorld.configuration(.init(window: 2, ackTimeout: .seconds(600), maxAttempts: 100))
        configuration.sessions.resumeWindow = Self.resumeWindow
        self.world = DeliveryWorld(configuration, loopCount: 2)
        self.publisher = try self.world.connect(loop: 0)
        self.session = self.publisher.session
    }

    /// From the beginning: a session that nobody knows of, with a connection on its home loop, and these moves.
    func play(_ moves: some Sequence<Move>) throws {
        try self.leave()
        let receiver = try self.world.connect(loop: 0)
        try self.world.subscribe(receiver)
        self.session = receiver.session
        self.connections = [receiver, nil]
        self.isResumed = [true, false]
        (self.newest, self.published, self.processed, self.acknowledged) = (0, 0, 0, 0)
        self.world.server.holdMail()
        for move in moves { try self.make(move) }
    }

    /// The receiver is gone for good, and the server has forgotten it.
    private func leave() throws {
        if self.world.server.heldMail != nil { self.world.server.releaseMail() }
        for loop in 0..<2 { self.loseConnection(loop) }
        self.world.advance(by: Self.resumeWindow)
        // The publisher's session alone is left.
        try self.require(self.sessionCount(.detached) == 0 && self.sessionCount(.live) == 1, "a session is left behind")
        try self.require(self.isQuiet, "something is left behind")
        (self.world.server.closed, self.world.server.effects, self.world.server.sent) = ([], [], [:])
    }

    private func sessionCount(_ state: ShardMetrics.SessionState) -> Int64 {
        self.world.server.sum { $0.sessions[state.rawValue] }
    }

    private var isQuiet: Bool {
        self.world.server.sum { $0.outboxEvents[0] } == 0 && self.world.isLawKept && self.world.arePlacesFree
    }

    private func require(_ isKept: Bool, _ rule: @autoclosure () -> String) throws(BrokenRule) {
        guard isKept else { throw BrokenRule(description: rule()) }
    }

    /// What can happen now.
    var moves: [Move] {
        var moves: [Move] = []
        let mailCount = (self.world.server.heldMail ?? []).joined().reduce(0) { $0 + $1.count }
        if mailCount < Self.maximumMails {
            if self.published < Self.maximumPublishes { moves.append(.publish) }
            for loop in 0..<2 { moves.append(self.connections[loop] == nil ? .resume(loop) : .lose(loop)) }
            if self.processed > self.acknowledged, self.speaking != nil { moves.append(.acknowledge) }
        }
        for pair in self.world.server.waitingPairs { moves.append(.carry(from: pair.from, to: pair.to)) }
        return moves
    }

    /// The connection that the receiver acknowledges over.
    private var speaking: TestClient? { self.isResumed[self.newest] ? self.connections[self.newest] : nil }

    func make(_ move: Move) throws {
        switch move {
        case .publish:
            self.published += 1
            self.world.publish([self.published], by: self.publisher)
        case .resume(let loop):
            var next = try self.world.connect(loop: loop)
            next.session = self.session
            self.connections[loop] = next
            self.isResumed[loop] = false
            self.newest = loop
            self.world.server.send(
                SessionsTests.resume(self.session, offset: self.processed), on: next.id, loop: loop, taking: false)
            self.acknowledged = self.processed
        case .lose(let loop):
            self.loseConnection(loop)
        case .acknowledge:
            guard let connection = self.speaking else { return }
            self.acknowledged = self.processed
            self.world.server.send(
                #"{"type":"ack","offset":\#(self.processed)}"#, on: connection.id, loop: connection.loop, taking: false)
        case .carry(let from, let to):
            self.world.server.carryMail(from: from, to: to)
        }
        self.carryWhatSaysNothing()
        try self.read()
    }

    private func loseConnection(_ loop: Int) {
        if let connection = self.connections[loop] { self.world.lose(connection) }
        self.connections[loop] = nil
    }

    /// When it arrives makes no difference.
    private func carryWhatSaysNothing() {
        while let pair = self.world.server.waitingPairs.first(where: { pair in
            self.world.server.heldMail?[pair.from][pair.to].first.map { !self.saysSomething($0) } ?? false
        }) {
            self.world.server.carryMail(from: pair.from, to: pair.to)
        }
    }

    /// The receiver takes what came over its newest connection; what goes to an earlier one is lost.
    private func read() throws {
        for loop in 0..<2 {
            guard let connection = self.connections[loop] else { continue }
            for text in self.world.server.take(connection.id, loop: loop) where loop == self.newest {
                try self.handle(text, loop)
            }
            if self.world.server.closed.contains(where: { $0.loop == loop && $0.id == connection.id }) {
                self.takeovers += 1
                self.loseConnection(loop)
            }
        }
    }

    private func handle(_ text: String, _ loop: Int) throws {
        guard let event = ReceivedEvent(text) else {
            try self.require(text.contains(#""resumed":true"#), "refused: \(text)")
            self.isResumed[loop] = true
            self.session.token = SessionData(text).token
            return
        }
        try self.require(event.gap == nil && event.offset > 0, "no event of the publisher: \(text)")
        if event.attempt > 1 { self.replays += 1 }
        guard event.offset > self.processed else { return }
        try self.require(event.offset == self.processed + 1, "offset \(event.offset) comes after \(self.processed)")
        try self.require(event.number == event.offset, "event \(event.number) has offset \(event.offset)")
        self.processed = event.offset
    }

    /// Nothing more goes wrong: the receiver comes back, and has everything.
    func finish() throws {
        self.world.server.releaseMail()
        try self.read()
        for loop in 0..<2 { self.loseConnection(loop) }
        try self.make(.resume(1))
        for _ in 0...Self.maximumPublishes where self.processed > self.acknowledged { try self.make(.acknowledge) }
        try self.require(self.processed == self.published, "\(self.published) published, \(self.processed) processed")
        try self.require(self.isQuiet, "not everything is acknowledged")
    }
}
