import HydrogenCrypto
import HydrogenProtocol

/// The tokens of one session that are good now, in the order in which they were given out.
///
/// A token that was used to ask for a new one stays good until its successor first arrives, so that a new token which
/// is lost with its answer costs nobody a session.
struct SessionTokens: Sendable {
    /// How many are good at once. A client that asks again and again without using what it gets loses the older ones
    /// of these, never the one that it asks with.
    static let maximumCount = 16

    fileprivate enum Token {
        case text(SessionToken)
        /// SHA-256 of one that was given out before a restart.
        case digest(Digest)
    }

    private var tokens: [Token]

    init(_ token: SessionToken) { self.tokens = [.text(token)] }

    init(restoring digests: [Digest]) { self.tokens = digests.map(Token.digest) }

    /// The last one that was given out; its SHA-256 if that was before a restart.
    var newest: [UInt8] {
        switch self.tokens.last {
        case .text(let text): return text.text
        case .digest(let digest):
            var bytes: [UInt8] = []
            digest.append(to: &bytes)
            return bytes
        case nil: return []
        }
    }

    /// SHA-256 of each, for the store.
    var digests: [Digest] {
        self.tokens.map { token in
            switch token {
            case .text(let text): SHA256.hash(text.text.span)
            case .digest(let digest): digest
            }
        }
    }

    var count: Int { self.tokens.count }

    /// Whether a text is the token of this index. In constant time.
    @inline(__always)
    func holds(_ text: Span<UInt8>, at index: Int) -> Bool { self.tokens[index].equals(text) }

    /// Which one this text is. `SessionTable.tokenIndex` asks the same of a session's tokens where they lie.
    func index(of text: Span<UInt8>) -> Int? { self.tokens.indices.first { self.holds(text, at: $0) } }

    /// A token arrived: those given out before it end.
    mutating func arrived(_ index: Int) {
        if index > 0 { self.tokens.removeFirst(index) }
    }

    mutating func add(_ token: SessionToken) {
        if self.tokens.count == Self.maximumCount { self.tokens.remove(at: 1) }
        self.tokens.append(.text(token))
    }

    mutating func removeAll() { self.tokens = [] }
}

extension SessionTokens.Token {
    @inline(__always)
    fileprivate func equals(_ other: Span<UInt8>) -> Bool {
        switch self {
        case .text(let text): text.equals(other)
        case .digest(let digest): digest == SHA256.hash(other)
        }
    }
}
