import Foundation

extension HydrogenClient {
    /// What a command was answered with.
    public struct Response: Sendable, Hashable {
        /// The JSON text of an object.
        public let data: [UInt8]

        package init(data: [UInt8]) { self.data = data }

        /// The JSON text of the data.
        public var text: String { String(decoding: self.data, as: UTF8.self) }

        /// Reads the data as a type of yours. Members that it does not name are ignored.
        public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(type, from: Data(self.data))
        }
    }

    /// What became of a publish.
    public struct Publication: Sendable, Hashable {
        /// The id of the event.
        public var event: String
        /// How many sessions receive it; only where it was asked for.
        public var receivers: Int?
    }
}
