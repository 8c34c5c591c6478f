import HydrogenClientCore
import HydrogenProtocol

/// What a user's task asks of the client's thread.
enum ClientRequest: Sendable {
    case command(CommandRequest)
    case subscribe(SubscribeRequest)
    /// A consumer of everything, or an end of it, needs nothing of the server.
    case addRoute(RouteNumber, RouteInterest, EventBuffer)
    case endRoute(RouteNumber)
    case acknowledge(EventReference, id: [UInt8])
    case giveBack(EventReference)
    /// Later connections are made with it.
    case useKey(String)
    case close

    /// Answers a request that nobody will look at any more.
    func refuse() {
        switch self {
        case .command(let request): request.reply.resume(returning: .failure(.closed))
        case .subscribe(let request): request.reply.resume(returning: .failure(.closed))
        case .addRoute(_, _, let buffer): buffer.finish()
        case .endRoute, .acknowledge, .giveBack, .useKey, .close: break
        }
    }
}

/// A command on its way to the thread.
struct CommandRequest: Sendable {
    typealias Reply = CheckedContinuation<Result<HydrogenClient.Response, HydrogenClient.Failure>, Never>

    enum Kind: Sendable {
        case command
        case publish(PublishOptions)
    }

    var kind: Kind
    var channel: String
    /// Of a publish: that of the event.
    var action: String
    var data: [UInt8]
    var timeout: Interval
    var reply: Reply
}

/// A subscription on its way to the thread.
struct SubscribeRequest: Sendable {
    typealias Reply = CommandRequest.Reply

    var route: RouteNumber
    var channel: String
    /// The data of `subscribe`.
    var data: [UInt8]
    /// nil: its events go to those alone who want everything.
    var interest: RouteInterest?
    var buffer: EventBuffer
    var reply: Reply
}
