/// What the server offers a service: handed to `start`, to be kept, usable from any thread.
public struct ServiceContext: Sendable {
    /// The channel that the service is registered on.
    public let channel: String
    private let runtime: Runtime

    /// The server's side of a context, or the simulator's.
    package struct Runtime: Sendable {
        /// The largest `data` that fits in an event.
        package var maximumDataBytes: Int
        /// Takes an event or refuses it at once; it never waits.
        package var publish: @Sendable (ServiceEvent) throws(PublishError) -> Void
        package var warn: @Sendable (String) -> Void

        package init(
            maximumDataBytes: Int, publish: @escaping @Sendable (ServiceEvent) throws(PublishError) -> Void,
            warn: @escaping @Sendable (String) -> Void
        ) {
            self.maximumDataBytes = maximumDataBytes
            self.publish = publish
            self.warn = warn
        }
    }

    package init(channel: String, runtime: Runtime) {
        self.channel = channel
        self.runtime = runtime
    }

    /// Publishes an event on the service's own channel, to everybody who subscribed to its action. It never waits: that
    /// the durable store did not take a guaranteed event is told to the log.
    ///
    /// - Parameter data: a value that encodes as a JSON object.
    public func publish(
        action: String, data: some Encodable, options: EventOptions = EventOptions()
    ) throws(PublishError) {
        switch JSONObject.encode(data) {
        case .success(let encoded): try self.publish(action: action, encoded: encoded, options: options)
        case .failure(let error): throw .invalidData(error.description)
        }
    }

    /// Publishes an event whose data is the UTF-8 text of a JSON object.
    public func publish(
        action: String, json: [UInt8], options: EventOptions = EventOptions()
    ) throws(PublishError) {
        guard JSONObject.isValid(json) else { throw .invalidData("the text is no JSON object") }
        try self.publish(action: action, encoded: json, options: options)
    }

    /// Writes one warning to the server's log, with the channel's name. No tokens, no contents.
    public func warn(_ message: String) { self.runtime.warn(message) }

    func publish(action: String, encoded: [UInt8], options: EventOptions) throws(PublishError) {
        guard NameGrammar.isAction(action.utf8) else { throw .invalidAction }
        guard encoded.count <= self.runtime.maximumDataBytes else { throw .tooLarge }
        if let key = options.key {
            guard (1...128).contains(key.utf8.count) else { throw .invalidKey }
        }
        try self.runtime.publish(
            ServiceEvent(channel: self.channel, action: action, data: encoded, options: options))
    }
}
