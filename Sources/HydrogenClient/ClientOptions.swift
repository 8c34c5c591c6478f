import HydrogenClientCore
import HydrogenProtocol

extension HydrogenClient {
    /// How a client behaves. The defaults suit most.
    public struct Options: Sendable, Hashable {
        /// PEM file of the authorities to trust instead of the system's. Certificates are always verified.
        public var certificateAuthorityPath: String?
        /// From an attempt to being in service.
        public var connectTimeout: Duration = .seconds(20)
        /// For a command, where a call names no other.
        public var commandTimeout: Duration = .seconds(30)
        /// Silence of the server after which a ping is sent; zero: never.
        public var pingInterval: Duration = .seconds(30)
        /// Silence after a ping that counts as a lost connection.
        public var pingTimeout: Duration = .seconds(10)
        /// The longest delay before a lost connection is tried again for the first time. Delays are drawn from zero on,
        /// and double from attempt to attempt.
        public var backOffBase: Duration = .milliseconds(500)
        /// The longest delay of all.
        public var backOffMaximum: Duration = .seconds(30)
        /// How many events wait for each consumer. Beyond it the oldest that is not guaranteed is dropped.
        public var maxBufferedEvents = 1024
        /// Commands that are not answered yet; beyond it `.busy`.
        public var maxCommands = 1024
        /// The longest message that is taken from the server, in bytes.
        public var maxMessageBytes = 17 * 1024 * 1024

        /// The actions, as `channel.action`, that are signed: those that the server's `SignedActions` names.
        public var signedActions: [String] = []

        public init() {}

        var core: ClientConfiguration {
            var configuration = ClientConfiguration()
            configuration.lifecycle.connectTimeout = Interval(self.connectTimeout)
            configuration.lifecycle.pingInterval = Interval(self.pingInterval)
            configuration.lifecycle.pingTimeout = Interval(self.pingTimeout)
            configuration.lifecycle.backOffBase = Interval(self.backOffBase)
            configuration.lifecycle.backOffMaximum = Interval(self.backOffMaximum)
            configuration.maxCommands = Int32(clamping: max(1, self.maxCommands))
            configuration.signedActions = self.signedActions.compactMap(SignedAction.init)
            return configuration
        }
    }
}

extension Interval {
    /// A duration of 0 to a year; others are cut off.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else {
            self = .zero
            return
        }
        self.init(nanoseconds: min(seconds, 31_536_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

extension Duration {
    init(_ interval: Interval) { self = .nanoseconds(interval.nanoseconds) }
}
