import HydrogenCrypto
import HydrogenProtocol

/// The tokens of one session that are good now, in the order in which they were given out.
///
/// A token that was used to ask for a new one stays good until its successor first arrives, so that a new token which
/// is lost with its answer costs nobody a session.
struct SessionTokens {
    /// How many are good at once. A client that asks again and again without using what it gets loses the older ones
    /// of these, never the one that it asks with.
    static let maximumCount = 16

    private var tokens: [[UInt8]]

    init(_ token: [UInt8]) { self.tokens = [token] }

    var newest: [UInt8] { self.tokens[self.tokens.count - 1] }

    /// Which one this text is. In constant time for each.
    @inline(__always)
    func index(of text: Span<UInt8>) -> Int? {
        for index in self.tokens.indices {
            if self.tokens[index].equalsInConstantTime(text) { return index }
        }
        return nil
    }

    /// A token arrived: those given out before it end.
    mutating func arrived(_ index: Int) {
        if index > 0 { self.tokens.removeFirst(index) }
    }

    mutating func add(_ token: [UInt8]) {
        if self.tokens.count == Self.maximumCount { self.tokens.remove(at: 1) }
        self.tokens.append(token)
    }

    mutating func removeAll() { self.tokens = [[]] }
}

extension [UInt8] {
    @inline(__always)
    fileprivate func equalsInConstantTime(_ other: Span<UInt8>) -> Bool { constantTimeEquals(self.span, other) }
}
