import Foundation
import HydrogenProtocol

extension HydrogenClient {
    /// Sends a command, and returns its answer. While there is no connection it waits for one.
    ///
    /// - Parameters:
    ///   - data: A value that encodes as a JSON object.
    ///   - timeout: From now to the answer; that of the options if nil.
    /// - Throws: `.refused` with the server's error; `.timedOut`, `.connectionLost` or `.closed` where there is no
    ///   answer.
    @discardableResult
    public func command(
        _ channel: String, _ action: String, data: some Encodable, timeout: Duration? = nil
    ) async throws(Failure) -> Response {
        try await self.command(channel, action, json: try Self.encode(data), timeout: timeout)
    }

    /// Sends a command without data.
    @discardableResult
    public func command(
        _ channel: String, _ action: String, timeout: Duration? = nil
    ) async throws(Failure) -> Response {
        try await self.command(channel, action, json: Array("{}".utf8), timeout: timeout)
    }

    /// Sends a command whose data is the UTF-8 text of a JSON object.
    @discardableResult
    public func command(
        _ channel: String, _ action: String, json: [UInt8], timeout: Duration? = nil
    ) async throws(Failure) -> Response {
        try await self.send(.command, channel, action, json, timeout)
    }

    /// Publishes an event, and returns once the server has accepted it; a guaranteed one once it is stored.
    ///
    /// - Parameter data: A value that encodes as a JSON object.
    @discardableResult
    public func publish(
        _ channel: String, _ action: String, data: some Encodable, options: PublishOptions = PublishOptions(),
        timeout: Duration? = nil
    ) async throws(Failure) -> Publication {
        try await self.publish(channel, action, json: try Self.encode(data), options: options, timeout: timeout)
    }

    /// Publishes an event whose data is the UTF-8 text of a JSON object.
    @discardableResult
    public func publish(
        _ channel: String, _ action: String, json: [UInt8], options: PublishOptions = PublishOptions(),
        timeout: Duration? = nil
    ) async throws(Failure) -> Publication {
        struct Answer: Decodable {
            var event: String
            var receivers: Int?
        }
        let response = try await self.send(.publish(options.core), channel, action, json, timeout)
        guard let answer = try? response.decode(Answer.self) else { throw .violation }
        return Publication(event: answer.event, receivers: answer.receivers)
    }

    /// Asks for a new token of the session.
    public func refresh() async throws(Failure) { try await self.command("system", "refresh") }

    /// Goes on with a new key of the same identity: the connection is prolonged in place, and later ones are made with
    /// it.
    public func refresh(key: String) async throws(Failure) {
        try Self.check(key: key)
        try await self.command("system", "refresh", data: ["key": key])
        self.handle.post(.useKey(key))
    }

    private func send(
        _ kind: CommandRequest.Kind, _ channel: String, _ action: String, _ json: [UInt8], _ timeout: Duration?
    ) async throws(Failure) -> Response {
        let timeout = Interval(timeout ?? self.options.commandTimeout)
        return try await withCheckedContinuation { reply in
            self.handle.post(
                .command(
                    CommandRequest(
                        kind: kind, channel: channel, action: action, data: json, timeout: timeout, reply: reply)))
        }.get()
    }

    static func encode(_ data: some Encodable) throws(Failure) -> [UInt8] {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .withoutEscapingSlashes
            return [UInt8](try encoder.encode(data))
        } catch {
            throw .invalidData("\(error)")
        }
    }
}
