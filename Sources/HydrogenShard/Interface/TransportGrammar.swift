/// The order in which a transport may call the core about one connection: what libwebsockets was seen to obey, written
/// down as a machine so small that it can be read at a glance. A value per connection checks it: the simulated network
/// always does, the event loop in debug builds.
///
/// ```text
/// accepted → requested → agreed → upgraded → (received | pongReceived | writable)* → closeReceived
///                      → refused
///                      → dropped
/// ```
///
/// `framingFailed` may come once after `upgraded`; no message is told of behind it.
/// At any point `transportEnded` may come, must come once, and is the last call. After `closeAsked`, which is the core's
/// wish, and after `closeReceived` no more messages come.
package struct TransportGrammar: Sendable, Hashable {
    /// How far a connection is.
    package enum Phase: UInt8, Sendable, CaseIterable {
        /// Its id was given out: TLS and the request are arriving.
        case accepted
        /// The request is at the core, which has not answered yet.
        case requested
        /// The core agreed: the 101 is on its way.
        case agreed
        /// The core refused or dropped it: nothing but the end follows.
        case refused
        /// Messages flow.
        case open
        /// The peer broke the rules of framing: its messages are not read any more.
        case faulted
        /// The core asked for the closing handshake.
        case closeAsked
        /// The closing handshake is the transport's business: nothing but the end follows.
        case closing
        /// The transport is gone.
        case ended
    }

    /// What is called, and the answers and wishes of the core that decide what may be called next.
    package enum Call: Sendable, Hashable {
        case requested
        /// The three answers to `requested`.
        case agreed, refused, dropped
        case upgraded
        case received(isFirst: Bool, isLast: Bool)
        case pongReceived
        case writable
        case closeReceived
        case framingFailed
        /// The effect `close`.
        case closeAsked
        case transportEnded
    }

    package private(set) var phase = Phase.accepted
    /// Whether a message has begun and not ended.
    package private(set) var isMessageOpen = false

    /// A connection whose `accepted` was answered with an id.
    package init() {}

    /// Whether the core may write frames.
    package var mayWrite: Bool { self.phase == .open || self.phase == .faulted }

    /// Takes note of a call.
    /// - Returns: whether it may come here. If not, nothing changes.
    package mutating func take(_ call: Call) -> Bool {
        guard let next = self.phase(after: call) else { return false }
        self.phase = next
        if case .received(_, let isLast) = call { self.isMessageOpen = !isLast }
        return true
    }

    /// nil where the call is illegal.
    private func phase(after call: Call) -> Phase? {
        switch (call, self.phase) {
        case (.transportEnded, .ended): nil
        case (.transportEnded, _): .ended
        case (_, .ended): nil

        case (.requested, .accepted): .requested
        case (.requested, _): nil
        case (.agreed, .requested): .agreed
        case (.agreed, _): nil
        case (.refused, .requested), (.dropped, .requested): .refused
        case (.refused, _), (.dropped, _): nil
        case (.upgraded, .agreed): .open
        case (.upgraded, _): nil

        case (.received(let isFirst, _), .open): isFirst == self.isMessageOpen ? nil : .open
        case (.received, _): nil
        case (.pongReceived, .open), (.writable, .open): .open
        case (.pongReceived, .faulted), (.writable, .faulted): .faulted
        case (.pongReceived, _), (.writable, _): nil
        case (.framingFailed, .open): .faulted
        case (.framingFailed, _): nil
        case (.closeReceived, .open), (.closeReceived, .faulted), (.closeReceived, .closeAsked): .closing
        case (.closeReceived, _): nil

        // Before the 101 there is no close frame: the transport just ends. Where it closes already, it goes on.
        case (.closeAsked, .open), (.closeAsked, .faulted): .closeAsked
        case (.closeAsked, _): self.phase
        }
    }
}
