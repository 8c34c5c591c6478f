import Foundation

/// A client's command, as it is handed to a service.
public struct Command: Sendable {
    public let channel: String
    /// One of the names in the service's `actions`.
    public let action: String
    /// The JSON text of the client's `data`: an object, valid JSON and UTF-8, nothing more is known of it.
    public let data: [UInt8]
    /// Who asks: the identity of the key, or `anonymous`.
    public let identity: String
    /// The session that asks. It outlives a connection that is lost.
    public let session: String
    /// How long the client still waited when this command was handed over; not positive when it was told
    /// `application.timeout` already. A service may use it to refuse work that nobody waits for.
    public let timeLeft: Duration

    package init(
        channel: String, action: String, data: [UInt8], identity: String, session: String, timeLeft: Duration
    ) {
        self.channel = channel
        self.action = action
        self.data = data
        self.identity = identity
        self.session = session
        self.timeLeft = timeLeft
    }

    /// Reads `data` as a type of the service's own. Members that it does not name are ignored.
    ///
    /// - Throws: what is wrong with it. Answer `invalid_data` with that as the details.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(InvalidData) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(self.data))
        } catch {
            throw InvalidData(description: String(describing: error))
        }
    }
}

/// Why a command's `data` cannot be read as what a service expects. For the log.
public struct InvalidData: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}
