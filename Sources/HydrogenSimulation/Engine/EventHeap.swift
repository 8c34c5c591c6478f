import HydrogenProtocol

/// What the world does next.
enum HappeningKind: UInt8, CaseIterable {
    /// A client's core wants to be woken. Subject: the client.
    case clientDeadline
    /// A client's script goes on. Subject: the client; detail: its run.
    case clientScript
    /// A client comes, or comes back with its power. Subject: the client; detail: its life.
    case clientStart
    /// What was cut, stopped or stalled for a client heals. Subject: the client; detail: its life.
    case clientHeals
    /// A packet reaches the server. Subject: the packet.
    case toServer
    /// A packet reaches a client. Subject: the packet.
    case toClient
    /// The server's side of a link can write. Subject: the link; detail: its generation.
    case writable
    /// The server's side of a link ends. Subject: the link; detail: its generation.
    case transportEnd
    /// The timer of a loop. Subject: the loop; detail: which arming.
    case loopDeadline
    /// The end of a pass of a loop. Subject: the loop; detail: the server's life.
    case loopPass
    /// Mail reaches a loop. Subject: its place in the pool.
    case mail
    /// A backend publishes. Subject: the backend.
    case backend
    /// A service answers. Subject: the place of the command in the pool.
    case serviceAnswer
    /// An entry of the timeline. Subject: its index.
    case timeline
    /// Something that an entry began is over. Subject: its index.
    case timelineEnd
    /// The server is there (again). Detail: its life.
    case serverStart
    /// `DrainTimeout` is over. Detail: the server's life.
    case drainEnd
    /// Faults of the server itself may strike.
    case second
    /// A point of the report's curves.
    case sample
    /// An expectation that names a time is looked at. Subject: its index.
    case expectation
    /// Everything is checked, not only what has changed.
    case sweep
    /// A phase of the run is over.
    case phaseEnd
    /// A commit of the store is over. Detail: the server's life.
    case commit
    /// A store that fails has got nothing for a while. Subject: its commits so far; detail: the server's life.
    case storePause
}

/// One thing that will happen.
struct Happening {
    var at: Int64
    /// The order among those of the same time, and the kind in the lowest eight bits.
    var order: UInt64
    var subject: UInt32
    var detail: UInt32

    var kind: HappeningKind { HappeningKind(rawValue: UInt8(truncatingIfNeeded: self.order)) ?? .phaseEnd }

    @inline(__always)
    static func precedes(_ left: Happening, _ right: Happening) -> Bool {
        left.at < right.at || (left.at == right.at && left.order < right.order)
    }
}

/// What will happen, earliest first; what happens at the same time leaves in the order in which it was put in. A heap
/// whose nodes have four children: half as deep as a binary one, and their comparison is one cache line.
struct EventHeap {
    private var entries: [Happening] = []
    private var sequence: UInt64 = 0

    init() { self.entries.reserveCapacity(1024) }

    var count: Int { self.entries.count }

    /// When the next thing happens.
    var nextAt: Int64? { self.entries.first?.at }

    mutating func push(_ kind: HappeningKind, at time: Instant, subject: UInt32 = 0, detail: UInt32 = 0) {
        self.sequence &+= 1
        let entry = Happening(
            at: time.nanoseconds, order: self.sequence &<< 8 | UInt64(kind.rawValue), subject: subject, detail: detail)
        var index = self.entries.count
        self.entries.append(entry)
        while index > 0 {
            let parent = (index &- 1) &>> 2
            guard Happening.precedes(entry, self.entries[parent]) else { break }
            self.entries[index] = self.entries[parent]
            index = parent
        }
        self.entries[index] = entry
    }

    mutating func pop() -> Happening? {
        guard let first = self.entries.first else { return nil }
        let last = self.entries.removeLast()
        let count = self.entries.count
        guard count > 0 else { return first }
        var index = 0
        while true {
            let firstChild = index &* 4 &+ 1
            guard firstChild < count else { break }
            var least = firstChild
            var child = firstChild &+ 1
            let end = min(firstChild &+ 4, count)
            while child < end {
                if Happening.precedes(self.entries[child], self.entries[least]) { least = child }
                child &+= 1
            }
            guard Happening.precedes(self.entries[least], last) else { break }
            self.entries[index] = self.entries[least]
            index = least
        }
        self.entries[index] = last
        return first
    }
}
