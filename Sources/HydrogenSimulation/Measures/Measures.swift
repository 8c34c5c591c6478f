import HydrogenConnection
import HydrogenProtocol
import HydrogenShard

/// What a run is measured by: curves, latencies, expectations, and the life of the clients that are followed.
struct Measures {
    /// Steps of followed clients that are kept.
    private static let maximumTimelineCount = 20_000

    private var groupOfClient: [Int32] = []
    private var numberInGroup: [Int32] = []
    private(set) var served: [Bool] = []
    private(set) var servedCount = 0
    private(set) var servedByGroup: [Int]
    var trackers: [ExpectationTracker]
    /// Whether any of them counts facts.
    private let countsFacts: Bool
    private let recordsLatencies: Bool

    private(set) var responses = LatencyHistogram()
    private(set) var deliveries = LatencyHistogram()
    private(set) var connecting = LatencyHistogram()
    private(set) var samples: [Sample] = []
    /// Since the last sample.
    var current = Sample(at: .zero, connections: [])
    /// What the server that runs had counted when it was looked at last: a new one begins at 0.
    private var counted: (dropped: Int64, limited: Int64) = (0, 0)
    var currentResponses = LatencyHistogram()
    var currentDeliveries = LatencyHistogram()

    let followed: [Int]
    private(set) var timeline: [ConnectionStep] = []

    init(_ simulation: Simulation) {
        let scenario = simulation.scenario
        for (group, plan) in scenario.groups.enumerated() {
            for number in 0..<plan.count {
                self.groupOfClient.append(Int32(group))
                self.numberInGroup.append(Int32(number))
            }
        }
        self.served = Array(repeating: false, count: self.groupOfClient.count)
        self.servedByGroup = Array(repeating: 0, count: scenario.groups.count)
        let sizes = scenario.groups.map(\.count)
        self.trackers = scenario.expectations.enumerated().map { index, expectation in
            ExpectationTracker(expectation, index: index, groupSizes: sizes)
        }
        self.countsFacts = scenario.expectations.contains {
            switch $0.condition {
            case .total, .rate: true
            case .connections, .connectedClients, .latency, .metric: false
            }
        }
        self.recordsLatencies = scenario.expectations.contains {
            if case .latency = $0.condition { true } else { false }
        }
        self.followed = simulation.options.followedClients
    }

    mutating func count(_ fact: Fact, client: UInt32, at now: Instant) {
        switch fact {
        case .attempt: self.current.attempts += 1
        case .opened: self.current.opened += 1
        case .refused: self.current.refused += 1
        case .dropped: break
        case .closed: self.current.closed += 1
        case .message: self.current.messages += 1
        case .succeeded: self.current.responses += 1
        case .failed:
            self.current.responses += 1
            self.current.errors += 1
        case .event: self.current.events += 1
        }
        guard self.countsFacts else { return }
        for index in self.trackers.indices {
            self.trackers[index].count(
                fact, group: Int(self.groupOfClient[Int(client)]), numberInGroup: Int(self.numberInGroup[Int(client)]),
                at: now.nanoseconds)
        }
    }

    mutating func latency(_ kind: Expectation.Latency, _ interval: Interval, client: UInt32, at now: Instant) {
        switch kind {
        case .response:
            self.responses.record(interval)
            self.currentResponses.record(interval)
        case .delivery:
            self.deliveries.record(interval)
            self.currentDeliveries.record(interval)
        case .connecting:
            self.connecting.record(interval)
        }
        guard self.recordsLatencies else { return }
        for index in self.trackers.indices {
            self.trackers[index].record(
                kind, interval, group: Int(self.groupOfClient[Int(client)]), at: now.nanoseconds)
        }
    }

    /// What the server has counted by now.
    mutating func count(dropped: Int64, limited: Int64) {
        self.current.droppedEvents += Int32(clamping: dropped - self.counted.dropped)
        self.current.rateLimited += Int32(clamping: limited - self.counted.limited)
        self.counted = (dropped, limited)
    }

    /// The server is gone.
    mutating func serverEnded() { self.counted = (0, 0) }

    func isServed(_ client: UInt32) -> Bool { self.served[Int(client)] }

    /// A client is served from now on, or no longer.
    /// - Returns: whether that is news.
    @discardableResult
    mutating func serves(_ client: UInt32, _ isServed: Bool) -> Bool {
        guard self.served[Int(client)] != isServed else { return false }
        self.served[Int(client)] = isServed
        self.servedCount += isServed ? 1 : -1
        self.servedByGroup[Int(self.groupOfClient[Int(client)])] += isServed ? 1 : -1
        return true
    }

    /// Ends the point of the curves that is being made.
    mutating func takeSample() {
        self.current.responseMedian = self.currentResponses.percentile(perMille: 500)
        self.current.responseP99 = self.currentResponses.percentile(perMille: 990)
        self.current.deliveryMedian = self.currentDeliveries.percentile(perMille: 500)
        self.current.deliveryP99 = self.currentDeliveries.percentile(perMille: 990)
        self.samples.append(self.current)
        self.current = Sample(at: .zero, connections: [])
        self.currentResponses.removeAll()
        self.currentDeliveries.removeAll()
    }

    mutating func follow(_ step: MachineStep, client: UInt32, loop: LoopIndex, at time: Interval) {
        guard self.followed.contains(Int(client)), self.timeline.count < Self.maximumTimelineCount else { return }
        self.timeline.append(
            ConnectionStep(
                at: time, client: Int(client), loop: loop, connection: step.id, event: step.event.rawValue,
                before: step.before, after: step.after, action: step.action.rawValue))
    }

    /// How many clients of a scope are served.
    func servedCount(of group: Int?) -> Int { group.map { self.servedByGroup[$0] } ?? self.servedCount }
}
