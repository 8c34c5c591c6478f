import HydrogenProtocol

/// What waits to be done by the driver.
struct EffectQueue {
    private var effects = Queue<Effect>()

    var isEmpty: Bool { self.effects.isEmpty }

    mutating func append(_ effect: Effect) { self.effects.append(effect) }
    mutating func next() -> Effect? { self.effects.popFirst() }
}

/// Random bytes that the driver supplied and nobody used yet.
struct EntropyPool {
    /// Enough for the sessions of some hundred handshakes.
    private static let capacity = 16_384

    private var bytes: [UInt8] = []

    /// 0 until half of the capacity is used.
    var neededCount: Int { self.bytes.count < Self.capacity / 2 ? Self.capacity - self.bytes.count : 0 }

    mutating func supply(_ more: Span<UInt8>) { self.bytes.append(more) }

    /// Takes bytes that nobody else gets; nil if there are not enough.
    mutating func take(_ count: Int) -> [UInt8]? {
        guard self.bytes.count >= count else { return nil }
        let taken = Array(self.bytes.suffix(count))
        self.bytes.removeLast(count)
        return taken
    }

    mutating func takeWord() -> UInt64? {
        self.take(8).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
