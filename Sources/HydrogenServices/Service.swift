/// What answers the commands of one channel. A service has a thread of its own: `start`, every `handle` and `stop`
/// are called on it, one after the other, so a slow service delays nobody but its own callers.
///
/// ```swift
/// struct Greeter: Service {
///     let actions = [Action("greet", "Says hello to a name")]
///
///     func handle(_ command: Command, reply: consuming Reply) {
///         struct Request: Decodable { var name: String }
///         guard let request = try? command.decode(Request.self) else { return reply.fail(.invalidData) }
///         reply.succeed(["greeting": "Hello, \(request.name)"])
///     }
/// }
/// ```
public protocol Service: Sendable {
    /// What the channel offers. It is read once, at registration, which refuses a name that breaks the grammar, comes
    /// twice, or is one of the actions that every channel has (`subscribe`, `unsubscribe`, `publish`).
    var actions: [Action] { get }

    /// Called once before the first command. What it throws stops the start of the server.
    func start(_ context: ServiceContext) throws

    /// One command whose envelope, token and permission are checked; its `data` is not. Commands come in the order in
    /// which each connection sent them, also when that connection has gone since: they were accepted.
    ///
    /// - Parameter reply: to be answered exactly once. An answer after `command.timeLeft` is dropped, since the
    ///   client was told `application.timeout` by then.
    func handle(_ command: Command, reply: consuming Reply)

    /// Called once after the last command, while the server stops. Replies that are still held may be answered
    /// until it returns.
    func stop()
}

extension Service {
    public func start(_ context: ServiceContext) throws {}
    public func stop() {}
}
