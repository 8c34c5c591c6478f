import HydrogenClientCore
import HydrogenProtocol
import HydrogenThreads

/// What tasks ask for.
extension ClientLoop {
    func take(_ request: ClientRequest) {
        switch request {
        case .command(let request): self.take(request)
        case .subscribe(let request): self.take(request)
        case .addRoute(let number, let interest, let buffer): self.routes.add(number, nil, interest, buffer)
        case .endRoute(let number):
            guard let subscription = self.routes.remove(number) else { return }
            self.core.unsubscribe(subscription, at: Clock.instant())
        case .acknowledge(let reference, let id):
            self.core.acknowledge(reference, id: id.span, at: Clock.instant())
        case .giveBack(let reference): self.core.giveBack(reference)
        case .useKey(let key): self.key = key
        case .close: self.core.stop(at: Clock.instant())
        }
    }

    private func take(_ request: CommandRequest) {
        do throws(ClientError) {
            let now = Clock.instant()
            let number =
                switch request.kind {
                case .command:
                    try self.core.command(
                        channel: request.channel.utf8.span, action: request.action.utf8.span, data: request.data.span,
                        timeout: request.timeout, at: now)
                case .publish(let options):
                    try self.core.publish(
                        channel: request.channel.utf8.span, action: request.action.utf8.span, data: request.data.span,
                        options: options, timeout: request.timeout, at: now)
                }
            self.replies[number] = request.reply
        } catch {
            request.reply.resume(returning: .failure(HydrogenClient.Failure(error)))
        }
    }

    private func take(_ request: SubscribeRequest) {
        do throws(ClientError) {
            let number = try self.core.subscribe(
                channel: request.channel.utf8.span, data: request.data.span, at: Clock.instant())
            self.subscribers[number] = request.reply
            self.routes.add(request.route, number, request.interest, request.buffer)
        } catch {
            request.reply.resume(returning: .failure(HydrogenClient.Failure(error)))
        }
    }
}

extension HydrogenClient.Failure {
    init(_ error: ClientError) {
        switch error {
        case .notRunning: self = .closed
        case .tooMany: self = .busy
        case .tooLarge: self = .tooLarge
        case .invalidChannel: self = .invalidChannel
        case .invalidAction: self = .invalidAction
        case .invalidData: self = .invalidData("the text is not that of a JSON object")
        }
    }
}
