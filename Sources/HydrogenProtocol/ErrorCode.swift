/// The four families of errors: where a fault belongs, and the `category` label of `hydrogen_errors_total`.
package enum ErrorCategory: String, Sendable, CaseIterable {
    case connection, `protocol`, authentication, application
}

/// Every error that a peer can be told: `category.code` on the wire, in the log and in the metrics.
package enum ErrorCode: UInt8, Sendable, CaseIterable {
    case connectionRateLimited, connectionBlocked, connectionCapacity, connectionDraining
    case connectionSlowConsumer, connectionIdle, connectionHandshakeTimeout, connectionOverload
    case connectionTLS, connectionReset

    case malformedJSON, notAnObject, missingField, invalidField, unknownType, tooLarge, tooDeep
    case binary, invalidUTF8, framing, subprotocol, handshake, path, upgradeRequired

    case authenticationMissing, authenticationInvalid, authenticationExpired, authenticationRevoked
    case authenticationOrigin, forbidden, session, signatureRequired, signatureInvalid, timestamp, replayed

    case unknownChannel, unknownAction, invalidData, notFound, conflict, busy, timeout, failed

    package var category: ErrorCategory {
        switch self {
        case .connectionRateLimited, .connectionBlocked, .connectionCapacity, .connectionDraining,
            .connectionSlowConsumer, .connectionIdle, .connectionHandshakeTimeout, .connectionOverload,
            .connectionTLS, .connectionReset:
            .connection
        case .malformedJSON, .notAnObject, .missingField, .invalidField, .unknownType, .tooLarge, .tooDeep,
            .binary, .invalidUTF8, .framing, .subprotocol, .handshake, .path, .upgradeRequired:
            .protocol
        case .authenticationMissing, .authenticationInvalid, .authenticationExpired, .authenticationRevoked,
            .authenticationOrigin, .forbidden, .session, .signatureRequired, .signatureInvalid, .timestamp,
            .replayed:
            .authentication
        case .unknownChannel, .unknownAction, .invalidData, .notFound, .conflict, .busy, .timeout, .failed:
            .application
        }
    }

    /// The code without its category, as in the `code` label of `hydrogen_errors_total`.
    package var name: StaticString {
        switch self {
        case .connectionRateLimited: "rate_limited"
        case .connectionBlocked: "blocked"
        case .connectionCapacity: "capacity"
        case .connectionDraining: "draining"
        case .connectionSlowConsumer: "slow_consumer"
        case .connectionIdle: "idle"
        case .connectionHandshakeTimeout: "handshake_timeout"
        case .connectionOverload: "overload"
        case .connectionTLS: "tls"
        case .connectionReset: "reset"
        case .malformedJSON: "malformed_json"
        case .notAnObject: "not_an_object"
        case .missingField: "missing_field"
        case .invalidField: "invalid_field"
        case .unknownType: "unknown_type"
        case .tooLarge: "too_large"
        case .tooDeep: "too_deep"
        case .binary: "binary"
        case .invalidUTF8: "invalid_utf8"
        case .framing: "framing"
        case .subprotocol: "subprotocol"
        case .handshake: "handshake"
        case .path: "path"
        case .upgradeRequired: "upgrade_required"
        case .authenticationMissing: "missing"
        case .authenticationInvalid: "invalid"
        case .authenticationExpired: "expired"
        case .authenticationRevoked: "revoked"
        case .authenticationOrigin: "origin"
        case .forbidden: "forbidden"
        case .session: "session"
        case .signatureRequired: "signature_required"
        case .signatureInvalid: "signature_invalid"
        case .timestamp: "timestamp"
        case .replayed: "replayed"
        case .unknownChannel: "unknown_channel"
        case .unknownAction: "unknown_action"
        case .invalidData: "invalid_data"
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .busy: "busy"
        case .timeout: "timeout"
        case .failed: "failed"
        }
    }

    /// `category.code`, the name of an error everywhere.
    package var qualifiedName: String { "\(self.category.rawValue).\(self.name)" }

    /// Whether the same request may succeed later without a change.
    package var isRetryable: Bool {
        switch self {
        case .busy, .timeout: true
        default: self.category == .connection
        }
    }
}
