import HydrogenProtocol
import HydrogenShard

/// Rule 6 for guaranteed events, from outside of the server: sessions, subscriptions, publishes, events and
/// acknowledgements are read from the wire, at the server's end of it.
///
/// - Over one connection offsets come without a hole: what is left out was acknowledged, or told as a gap. What comes
///   again has a higher attempt.
/// - An offset means one event, and an event has one offset of a session.
/// - What is acknowledged comes no more, and is no dead letter.
/// - What was accepted for a session comes: at once where nothing holds it up, again where it is not acknowledged, and at
///   the latest when the run heals; unless it is a dead letter, or the session ended.
/// - A session that is asked for in time is not refused.
struct DeliveryOracle {
    /// A subscription of a session.
    struct Subscription {
        var command: UInt32
        var plan: UInt32
        /// The server's number for it; nil until it is answered.
        var number: UInt32?
        /// It survives a crash if the store was calm since.
        var keptFrom = Int64.max
    }

    /// A publish that must come.
    struct Owed {
        var publish: UInt32
        var since: Int64
        var isWritten = false
    }

    /// An event that was written and is not acknowledged.
    struct Written {
        var offset: Int64
        /// nil for one that no client published.
        var publish: UInt32?
        var hash: UInt64
        var attempt: Int32
        /// It may have come under another offset, too.
        var isRetained: Bool
        /// When it was written last on the connection that the session has now.
        var at: Int64
    }

    struct Session {
        let id: [UInt8]
        /// The link that it goes over; `LinkTable.none` while it is detached.
        var link: UInt32
        /// Since when.
        var since: Int64
        /// Its client has ended it, as far as the wire tells.
        var mayBeOver = false
        /// Several clients know it: the token that one of them has may have ended.
        var isShared = false
        var subscriptions: [Subscription] = []
        var owed: [Owed] = []
        /// Ascending by offset.
        var written: [Written] = []
        /// Acknowledged up to here for sure: these must not come again.
        var settled: Int64 = 0
        /// Acknowledged up to here, perhaps: the server may have missed it.
        var floor: Int64 = 0
        /// Offsets beyond the floor that are acknowledged, perhaps.
        var ahead: [Int64] = []
        /// Gaps that were told, and those of them that need not be told again, perhaps: an event beyond was acknowledged.
        var told: [(from: Int64, to: Int64)] = []
        var known: [(from: Int64, to: Int64)] = []
        /// Acknowledgements that may still be on their way to the session's home.
        var acks: [(through: Int64, at: Int64)] = []
        /// Events that became dead letters, by the hash of their ids; the last ones.
        var dead: [UInt64] = []
        /// When its client acknowledged something last: what waits for the window is sent then.
        var ackedAt: Int64 = 0
        /// It survives a crash if the store was calm since.
        var keptFrom = Int64.max
        /// False after a crash that it need not have survived.
        var isPromised = true
        /// Acknowledgements that the store may not have.
        var handedIn: [(through: Int64, at: Int64)] = []
        /// Acknowledged up to here for sure, also after a crash.
        var kept: Int64 = 0
    }

    /// What a link knows of the session that it speaks for.
    struct OfLink {
        /// 0: none.
        var session: UInt32 = 0
        /// Whether that is one of an earlier connection.
        var isResumed = false
        /// Over this link everything came up to here.
        var through: Int64 = 0
        /// Told on this link.
        var gaps: [(from: Int64, to: Int64)] = []
        /// The `resume` that is not answered.
        var resume: (command: UInt32, session: UInt32, offset: Int64)?
    }

    /// How long an acknowledgement may take to the home of its session, and how long anything else may take.
    static let ackWay = Interval.milliseconds(100)
    static let patience = Interval.seconds(2)
    /// How many dead letters of a session are remembered.
    static let deadCount = 4_096

    let settings: DeliverySettings
    let resumeWindow: Interval
    private(set) var plans: [CompiledSubscription]
    /// The sessions in the order of their beginning, so ascending by number.
    private var sessions: [(number: UInt32, session: Session)] = []
    /// Looked up only, never walked through.
    private var numbers: [[UInt8]: UInt32] = [:]
    private var last: UInt32 = 0
    /// Of the durable store; without one it says nothing.
    var calm = StoreCalm()
    /// Whether so many sessions were without a connection that the server may have ended some.
    var isCrowded = false

    init(_ plans: [CompiledSubscription], _ configuration: ShardConfiguration) {
        self.plans = plans
        self.settings = configuration.delivery
        self.resumeWindow = configuration.sessions.resumeWindow
    }

    /// The server is gone, and with it everything that it kept.
    mutating func removeAll() {
        self.sessions.removeAll(keepingCapacity: true)
        self.numbers.removeAll(keepingCapacity: true)
        self.isCrowded = false
    }

    /// Their numbers.
    var order: [UInt32] { self.sessions.map(\.number) }

    subscript(number: UInt32) -> Session? { self.place(of: number).map { self.sessions[$0].session } }

    /// The number of a session; 0 for one that is not known.
    func number(of id: [UInt8]) -> UInt32 { self.numbers[id] ?? 0 }

    private func place(of number: UInt32) -> Int? {
        var (low, high) = (0, self.sessions.count)
        while low < high {
            let middle = (low + high) / 2
            if self.sessions[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < self.sessions.count && self.sessions[low].number == number ? low : nil
    }

    /// Changes a session, if it is known.
    @discardableResult
    mutating func change<Result>(_ number: UInt32, _ body: (inout Session) -> Result) -> Result? {
        self.place(of: number).map { body(&self.sessions[$0].session) }
    }
}

/// The life of a session.
extension DeliveryOracle {
    /// The first message of a connection.
    mutating func began(_ id: [UInt8], on place: UInt32, _ link: inout OfLink, at now: Instant) {
        self.last += 1
        self.sessions.append((self.last, Session(id: id, link: place, since: now.nanoseconds)))
        self.numbers[id] = self.last
        link = OfLink(session: self.last)
    }

    /// The answer to a `resume` was written.
    /// - Parameters:
    ///   - isRefusedForGood: the server does not know the session, or the offset.
    ///   - keptFrom: what it says survives a crash if the store was calm since.
    /// - Returns: what is wrong with that.
    mutating func resumed(
        _ isOk: Bool, isRefusedForGood: Bool, on place: UInt32, _ link: inout OfLink, keptFrom: Int64,
        at now: Instant
    ) -> String? {
        guard let resume = link.resume else { return nil }
        link.resume = nil
        guard isOk else { return isRefusedForGood ? self.refusalFault(resume.session, at: now) : nil }
        self.remove(link.session)
        link = OfLink(session: resume.session, isResumed: true, through: resume.offset)
        let recent = now.nanoseconds - Self.ackWay.nanoseconds
        self.change(resume.session) { session in
            session.link = place
            session.since = now.nanoseconds
            session.isPromised = true
            session.mayBeOver = false
            // Its client has another token now.
            session.keptFrom = keptFrom
            session.handIn(through: resume.offset, at: now)
            session.matureAcks(before: recent)
            // What an earlier connection said at the very end may have come too late.
            session.acks.removeAll(keepingCapacity: true)
            session.settled = max(session.settled, resume.offset)
            session.acknowledge(through: resume.offset)
            for index in session.written.indices { session.written[index].at = Int64.max }
        }
        return nil
    }

    /// What is wrong with a refusal: a session that has a connection, or lost it lately, is to be had.
    private func refusalFault(_ number: UInt32, at now: Instant) -> String? {
        guard let session = self[number], !session.mayBeOver, !session.isShared, session.isPromised, !self.isCrowded
        else { return nil }
        let isDetached = session.link == LinkTable.none
        let end = session.since + self.resumeWindow.nanoseconds - Self.ackWay.nanoseconds
        guard !isDetached || now.nanoseconds < end else { return nil }
        return "session \(String(decoding: session.id, as: UTF8.self)) is refused within its window"
    }

    /// Another client goes on with what the one on a link knows of its session.
    /// - Returns: whether the link has the session at all.
    mutating func share(_ id: [UInt8], of link: UInt32) -> Bool {
        let isShared = self.change(self.number(of: id)) { session -> Bool in
            guard session.link == link else { return false }
            session.isShared = true
            return true
        }
        return isShared ?? false
    }

    /// The client closes with 1000: it wants its session to end. One that went on elsewhere does not.
    mutating func ended(_ link: OfLink, on place: UInt32) {
        self.change(link.session) { if $0.link == place { $0.mayBeOver = true } }
    }

    /// The transport of a link is gone.
    mutating func left(_ link: OfLink, on place: UInt32, at now: Instant) {
        guard let session = self[link.session], session.link == place else { return }
        if session.mayBeOver || self.resumeWindow == .zero { return self.remove(link.session) }
        self.change(link.session) {
            $0.link = LinkTable.none
            $0.since = now.nanoseconds
        }
    }

    private mutating func remove(_ number: UInt32) {
        guard let place = self.place(of: number) else { return }
        self.numbers[self.sessions[place].session.id] = nil
        self.sessions.remove(at: place)
    }

    /// Forgets the sessions whose client did not come back in time.
    mutating func expire(at now: Instant) {
        let latest = now.nanoseconds - self.resumeWindow.nanoseconds - Self.patience.nanoseconds
        for number in self.order {
            if let session = self[number], session.link == LinkTable.none, session.since < latest { self.remove(number) }
        }
    }
}

extension DeliveryOracle.Session {
    /// Acknowledgements that came before a time have reached the home of the session.
    mutating func matureAcks(before time: Int64) {
        while let first = self.acks.first, first.at <= time {
            self.settled = max(self.settled, first.through)
            self.acks.removeFirst()
        }
    }

    /// An offset and all before it are acknowledged, as far as the wire tells.
    mutating func acknowledge(through offset: Int64) {
        self.floor = max(self.floor, offset)
        self.ahead.removeAll { $0 <= offset }
        self.told.removeAll { $0.to <= offset }
        self.known.removeAll { $0.to <= offset }
        self.written.removeAll { $0.offset <= offset }
    }

    /// One event was acknowledged by its id, as far as the wire tells.
    mutating func acknowledge(_ offset: Int64) {
        if self.ahead.count < Self.rememberedCount { self.ahead.append(offset) }
        self.known += self.told.filter { $0.to < offset }
        self.told.removeAll { $0.to < offset }
    }

    mutating func tell(from: Int64, to: Int64) {
        if self.told.count < Self.rememberedCount { self.told.append((from, to)) }
    }

    /// How many acknowledgements by id, and how many gaps, are remembered.
    private static let rememberedCount = 4_096

    func isAcknowledged(_ offset: Int64) -> Bool {
        offset <= self.floor || self.ahead.contains(offset) || self.known.contains { $0.from <= offset && offset <= $0.to }
    }
}
