import HydrogenProtocol

/// A client's stay with this server: what it may do, what it subscribed to, and what it has not acknowledged. It
/// outlives its connections, and stays on its home loop for life.
struct Session {
    var generation: UInt32 = 0
    var isInUse = true
    /// `s<loop>-<random>`: names the home loop.
    var id: String
    var tokens: SessionTokens
    var grant: Grant
    var attachment: Attachment
    /// Rises by one each time the session is attached.
    var attachmentNumber: UInt32 = 0
    /// Slots of its subscriptions, in the order of their making.
    var subscriptions: [UInt32] = []
    var nextSubscriptionNumber = 1
    /// The guaranteed events that it has not acknowledged.
    var outbox = Outbox()
    /// What the event in hand means for this session; see `FanOut`.
    var match = SubscriptionMatch()
}

/// How a session reaches its client now.
enum Attachment: Equatable {
    /// Not at all: it waits for a `resume`.
    case detached
    /// By a connection of its own loop.
    case here(ConnectionID)
    /// By a connection of another loop, over a link.
    case away(RemoteConnection)
    /// By this connection, of its own loop or of another, as soon as the store knows the token that it is told.
    case held(RemoteConnection)

    /// A connection that is gone: how a session comes out of the store.
    static let lost = Attachment.here(ConnectionID(slot: UInt32.max, generation: 0))

    var isReachable: Bool {
        switch self {
        case .here, .away: true
        case .detached, .held: false
        }
    }
}

/// The text of a session's id.
package enum SessionID {
    static func make(home: LoopIndex, random: Span<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(32)
        text.append(UInt8(ascii: "s"))
        Hexadecimal.append(number: UInt64(home), to: &text)
        text.append(UInt8(ascii: "-"))
        Base64URL.append(random, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The loop where the session of this id lives, if there is one: the same in every loop, and after a restart with
    /// another number of loops.
    package static func home(of id: Span<UInt8>, loopCount: Int) -> LoopIndex? {
        guard id.count > 2, id[0] == UInt8(ascii: "s") else { return nil }
        var loop = 0
        for index in 1..<min(id.count, 6) {
            let byte = id[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): loop = loop * 16 + Int(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): loop = loop * 16 + Int(byte - UInt8(ascii: "a")) + 10
            case UInt8(ascii: "-") where index > 1: return loop % loopCount
            default: return nil
            }
        }
        return nil
    }
}
