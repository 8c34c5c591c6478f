import Foundation
import HydrogenProtocol

extension HydrogenClient {
    /// What came from a channel.
    public struct Event: Sendable {
        public let id: String
        public let channel: String
        public let action: String
        /// The JSON text of an object.
        public let data: [UInt8]
        /// RFC 3339, as the server wrote it.
        public let timestamp: String
        public let priority: Priority
        /// The last event of its action, given to a new subscription.
        public let isRetained: Bool
        /// Of guaranteed events: rises by one per session and event.
        public let offset: Int64?
        /// Which sending it is, from 1.
        public let attempt: Int
        let delivery: EventDelivery?

        /// The JSON text of the data.
        public var text: String { String(decoding: self.data, as: UTF8.self) }

        /// When the server made it.
        public var date: Date? {
            Timestamp.parse(self.timestamp.utf8.span).map {
                Date(timeIntervalSince1970: Double($0.milliseconds) / 1000)
            }
        }

        /// Reads the data as a type of yours. Members that it does not name are ignored.
        public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(type, from: Data(self.data))
        }

        /// Tells the server that this event is handled, where the subscription leaves that to you. Once more does no
        /// harm; an event that is not guaranteed needs none.
        public func acknowledge() { self.delivery?.acknowledge() }
    }

    /// The order in which what waits for one connection leaves it.
    public enum Priority: String, Sendable, Hashable, CaseIterable {
        case critical, high, normal, low

        init(_ priority: HydrogenProtocol.Priority) {
            switch priority {
            case .critical: self = .critical
            case .high: self = .high
            case .normal: self = .normal
            case .low: self = .low
            }
        }

        var wire: HydrogenProtocol.Priority {
            switch self {
            case .critical: .critical
            case .high: .high
            case .normal: .normal
            case .low: .low
            }
        }
    }
}
