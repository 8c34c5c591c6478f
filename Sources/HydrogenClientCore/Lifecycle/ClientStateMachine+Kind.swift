import HydrogenProtocol

extension ClientStateMachine {
    /// The eight states.
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// No connection, and none is wanted: before the first start, or for good.
        /// Start → `connecting`.
        case stopped
        /// A transport is being opened.
        /// The 101 → `greeting`; refused or failed → `waiting`, or `stopped` where coming back is of no use;
        /// `connectTimeout` or stop → `closing`.
        case connecting
        /// The 101 is here; the event `system/session` is not.
        /// The event → `connected`, or `resuming` where there is a session to resume; lost → `waiting` or `stopped`;
        /// anything else, `connectTimeout` or stop → `closing`.
        case greeting
        /// `system/resume` was sent.
        /// Accepted, or refused for good → `connected`; refused for now, `connectTimeout` or stop → `closing`; lost →
        /// `waiting` or `stopped`.
        case resuming
        /// In service; the server was heard from within `pingInterval`.
        /// Silence → `probing`; lost → `waiting` or `stopped`; a breach of the contract or stop → `closing`.
        case connected
        /// In service; a ping is out, and nothing was heard since.
        /// Anything received → `connected`; silence for `pingTimeout`, a breach or stop → `closing`; lost → `waiting`
        /// or `stopped`.
        case probing
        /// The connection is being ended from our side.
        /// Its end → `waiting` where another attempt follows, else `stopped`; `closeTimeout` forces it.
        case closing
        /// No connection; the next attempt is due after the back-off.
        /// The time → `connecting`; stop → `stopped`.
        case waiting

        /// The name in documents and logs.
        package var label: StaticString {
            switch self {
            case .stopped: "stopped"
            case .connecting: "connecting"
            case .greeting: "greeting"
            case .resuming: "resuming"
            case .connected: "connected"
            case .probing: "probing"
            case .closing: "closing"
            case .waiting: "waiting"
            }
        }

        /// Whether commands are sent and events delivered.
        package var isInService: Bool {
            switch self {
            case .connected, .probing: true
            case .stopped, .connecting, .greeting, .resuming, .closing, .waiting: false
            }
        }
    }

    /// Why a client does not come back.
    package enum End: Sendable, Hashable {
        /// It was asked to stop.
        case requested
        /// The server closed with a code that is final (PROTOCOL section 9).
        case closed(code: UInt16)
        /// The server refused the upgrade with a status that is final.
        case refused(status: UInt16)
        /// The server sent what no server of this protocol sends.
        case violation
    }

    /// Times, one value for all clients of a driver.
    package struct Settings: Sendable, Hashable {
        /// From an attempt to being in service.
        package var connectTimeout: Interval = .seconds(20)
        /// For a connection to end by itself; then it is forced.
        package var closeTimeout: Interval = .seconds(5)
        /// Silence after which a ping is sent; zero: never.
        package var pingInterval: Interval = .seconds(30)
        /// Silence after a ping that ends the connection.
        package var pingTimeout: Interval = .seconds(10)
        /// The longest delay before the first attempt to come back.
        package var backOffBase: Interval = .milliseconds(500)
        /// The longest delay before any.
        package var backOffMaximum: Interval = .seconds(30)
        /// Whether a delay is any part of the longest, so that clients that were lost together do not come back together.
        /// Only simulations of clients that know no better set it to false.
        package var hasJitter = true
        /// In service for so long, and delays start from `backOffBase` again.
        package var stableAfter: Interval = .seconds(5)

        package init() {}
    }
}
