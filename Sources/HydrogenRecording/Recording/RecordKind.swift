/// A call of the shard, as a record names it: its lowest five bits of a record's first byte.
enum RecordKind: UInt8, CaseIterable {
    case accepted, requested, upgraded, received, pongReceived, closeReceived, framingFailed, transportEnded
    case writable, deliver, deliverStamped, supply, advance, endTurn, flush, passed, restore

    /// Whether the call is told the time.
    var hasMoment: Bool {
        switch self {
        case .accepted, .requested, .upgraded, .received, .pongReceived, .closeReceived, .framingFailed,
            .transportEnded, .writable, .deliver, .deliverStamped, .advance, .endTurn, .flush, .restore:
            true
        case .supply, .passed:
            false
        }
    }

    static let mask: UInt8 = 0x1f
    /// The wall clock is told, since it is not what the monotonic clock lets expect.
    static let hasWallTime: UInt8 = 0x20
    /// What came of the call follows: `RecordedOutcome`.
    static let hasOutcome: UInt8 = 0x40
    /// Shared state answered once, and the answer was 0: what most passes of a loop have to tell.
    static let hasZeroAnswer: UInt8 = 0x80
}

/// What a record of `received` says of its bytes.
enum ReceivedFlag {
    static let isBinary: UInt8 = 1
    static let isFirst: UInt8 = 2
    static let isLast: UInt8 = 4
    /// Its last bytes may be the beginning of a key: they come with a later record.
    static let holdsBack: UInt8 = 8
    /// Bytes that earlier records of this connection held back come first.
    static let resolves: UInt8 = 16
}

/// Which parts of an outcome follow.
enum OutcomePart {
    static let answers: UInt8 = 1
    static let effects: UInt8 = 2
    static let writes: UInt8 = 4
    /// What the call returned.
    static let result: UInt8 = 8
}

/// Tells the wall clock by the monotonic one: the difference between them changes seldom.
struct WallPrediction {
    private var offset: Int64 = 0

    /// - Returns: by how many milliseconds the wall clock is off; 0 most of the time.
    mutating func deviation(of moment: Int64, wall: Int64) -> Int64 {
        let deviation = wall &- self.expected(at: moment)
        self.offset &+= deviation
        return deviation
    }

    mutating func wall(at moment: Int64, deviation: Int64) -> Int64 {
        let wall = self.expected(at: moment) &+ deviation
        self.offset &+= deviation
        return wall
    }

    private func expected(at moment: Int64) -> Int64 { moment / 1_000_000 &+ self.offset }
}
