/// Why a WebSocket connection ends (RFC 6455 §7.4, and the private codes of this protocol).
package enum CloseCode: UInt16, Sendable, CaseIterable {
    case normal = 1000
    /// The server drains.
    case goingAway = 1001
    case protocolError = 1002
    /// A binary message.
    case unsupportedData = 1003
    /// The peer's close frame carried no code. Never sent.
    case noStatus = 1005
    /// The transport ended without a close frame. Never sent.
    case abnormal = 1006
    case invalidUTF8 = 1007
    /// Too many protocol errors, or a message that was not finished in time.
    case policyViolation = 1008
    case messageTooLarge = 1009
    case internalError = 1011
    /// The key was revoked, or expired, while connected.
    case keyEnded = 4401
    case disconnectedByOperator = 4403
    case heartbeatTimeout = 4408
    case sessionTakenOver = 4409
    case slowConsumer = 4413
    /// Message rate exceeded, or the identity is blocked.
    case rateExceeded = 4429
    case overload = 4503

    /// Whether a client comes back by itself after this code; all others are final for it.
    package var invitesReconnect: Bool {
        switch self {
        case .goingAway, .abnormal, .internalError, .heartbeatTimeout, .slowConsumer, .rateExceeded, .overload:
            true
        case .normal, .protocolError, .unsupportedData, .noStatus, .invalidUTF8, .policyViolation,
            .messageTooLarge, .keyEnded, .disconnectedByOperator, .sessionTakenOver:
            false
        }
    }

    /// The same for any code that a close frame may carry.
    package static func invitesReconnect(_ code: UInt16) -> Bool {
        // 1012 (service restart) and 1013 (try again later) come from proxies alone.
        CloseCode(rawValue: code)?.invitesReconnect ?? (code == 1012 || code == 1013)
    }
}
