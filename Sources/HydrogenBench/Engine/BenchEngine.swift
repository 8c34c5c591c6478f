import HydrogenProtocol

/// A thread's share of a load: its connections, one epoll, and the rules by which messages go to and fro, which a
/// subclass has.
///
/// It is lean on purpose, so that the server is what is measured: a read takes all that is there, answers to it leave in
/// one write, and no message is copied but under its mask.
class BenchEngine {
    let plan: BenchPlan
    /// Which thread of the run this is, from 0.
    let thread: Int
    /// How many connections this thread holds.
    let connectionCount: Int
    /// What the threads of a run tell each other.
    let board: RunBoard
    var clients: [BenchClient] = []
    var openCount = 0
    var writer: ClientFrameWriter
    var measurement = Measurement()
    /// When this pass looked at the clock, in nanoseconds.
    var now = BenchClock.now

    var poller: Poller
    let tls: TLSContext?
    let request: [UInt8]
    let publisherRequest: [UInt8]
    var openingCount = 0
    var begunCount = 0
    /// What one read takes.
    var readBuffer = [UInt8](repeating: 0, count: 65_536)
    private(set) var failure: BenchError?
    private var measuresFrom: Int64?

    /// Connections that are being opened at a time: servers bound the handshakes in progress.
    static let maxOpeningCount = 32

    init(_ plan: BenchPlan, thread: Int, connectionCount: Int, board: RunBoard) throws(BenchError) {
        self.plan = plan
        self.thread = thread
        self.connectionCount = connectionCount
        self.board = board
        self.writer = ClientFrameWriter(seed: UInt64(bitPattern: BenchClock.now) &+ UInt64(thread))
        self.poller = try Poller()
        let isSecure = plan.target.isSecure || plan.publishTarget?.isSecure == true
        self.tls = isSecure ? try TLSContext(authorityPath: plan.authorityPath) : nil
        self.request = ClientHandshake.request(to: plan.target, plan)
        self.publisherRequest = ClientHandshake.request(to: plan.publishTarget ?? plan.target, plan)
    }

    // What a load decides.

    /// Whether the connection of this place publishes for all others.
    func isPublisher(_ place: Int) -> Bool { false }
    /// A connection may be used. Returns false if the load has something to send first; `prepared` follows then.
    func ready(_ place: Int) -> Bool { true }
    /// A message came while the connection prepares.
    func prepared(_ place: Int, by payload: Span<UInt8>) -> Bool { true }
    /// A message came.
    func received(_ place: Int, _ payload: Span<UInt8>) {}
    /// A read was worked through.
    func readEnded(_ place: Int) {}
    /// A connection is open; the time that it took is counted.
    func connectionOpened(_ place: Int) {}
    /// What is due by the clock.
    func tick() {}
    /// When `tick` is wanted next.
    var nextTick: Int64? { nil }
    /// A connection ended. Returns whether that was meant.
    func ended(_ place: Int) -> Bool { false }

    /// Runs until the end of the plan, or until something goes wrong.
    func run() {
        self.openMore()
        while self.failure == nil, !self.board.isOver {
            self.poller.wait(atMost: self.patience)
            self.now = BenchClock.now
            for place in 0..<self.poller.readyCount {
                let client = self.poller.tag(at: place)
                if self.clients[client].phase == .closed { continue }
                if self.poller.isWritable(at: place) { self.writable(client) }
                if self.poller.isReadable(at: place) { self.readable(client) }
                if self.failure != nil { break }
            }
            self.startMeasuringIfDue()
            self.tick()
            self.tell()
        }
        self.measurement.end(at: BenchClock.now, serverProcess: self.sampledProcess)
        for place in self.clients.indices where self.clients[place].phase != .closed { self.leave(place) }
    }

    /// How long to wait for sockets at most: the end of the run and the start of measuring are looked for often enough.
    private var patience: Int64 {
        let limit: Int64 = 50_000_000
        guard let next = self.nextTick else { return limit }
        return min(limit, max(0, next - BenchClock.now))
    }

    func fail(_ error: BenchError) {
        if self.failure == nil { self.failure = error }
    }

    private func startMeasuringIfDue() {
        guard self.measuresFrom == nil, let start = self.board.measuresFrom, start <= self.now else { return }
        self.measuresFrom = start
        self.measurement.begin(at: BenchClock.now, serverProcess: self.sampledProcess)
    }

    /// The first thread looks at the server's CPU time, at the same moments as at its own.
    private var sampledProcess: Int32? { self.thread == 0 ? self.plan.serverProcess : nil }

    /// Counts a unit of work, and the time that it took.
    @inline(__always)
    func count(_ nanoseconds: Int64) {
        if self.measuresFrom != nil { self.measurement.record(nanoseconds) }
    }

    /// Counts a unit of work also before the measuring begins.
    func countAlways(_ nanoseconds: Int64) { self.measurement.record(nanoseconds) }

    /// Only those of the measured time, as they are set against the server's CPU time.
    func countPing() { if self.measuresFrom != nil { self.measurement.pingCount += 1 } }

    func countError() { self.measurement.errorCount += 1 }
    func countSkipped() { self.measurement.skippedCount += 1 }

    /// Tells the others how far this thread is.
    private func tell() {
        self.board.tell(
            thread: self.thread, open: self.openCount, work: self.measurement.messageCount, at: self.now)
    }
}
