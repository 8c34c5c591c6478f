import HydrogenConfiguration
import HydrogenHTTP
import HydrogenProtocol
import HydrogenServices
import HydrogenShard
import Logging

extension ServerAPI {
    /// What the endpoints need of a running server.
    init(_ configuration: Configuration, gate: APIGate, desk: OperatorDesk, publisher: EventPublisher, logger: Logger) {
        let tickets = TicketOffice(desk: desk)
        self.init(
            authorize: { gate.authorize($0, from: $1) }, charge: { gate.charge($0, from: $1) },
            publish: { event, grant, completion in publisher.publish(event, by: grant, completion) },
            disconnect: { selector, author, completion in
                desk.askAll({ .disconnect(selector, answer: $0) }) { (counts: [Int]?) in
                    let count = counts?.reduce(0, +)
                    if let count {
                        logger.notice(
                            "disconnected by an operator",
                            metadata: author.metadata.merging(["target": "\(selector)", "count": "\(count)"]) { $1 })
                    }
                    completion(count)
                }
            }, connections: { desk.connections(from: $0, limit: $1, $2) },
            sessions: { desk.sessions(from: $0, limit: $1, $2) },
            blocks: { completion in
                desk.askAll({ .describeBlocks(answer: $0) }) { (blocks: [[BlockDescription]]?) in
                    completion(blocks?.flatMap(\.self))
                }
            },
            liftBlocks: { address, author, completion in
                desk.askAll({ .liftBlocks(address, answer: $0) }) { (counts: [Int]?) in
                    let count = counts?.reduce(0, +)
                    if let count, count > 0 {
                        logger.notice(
                            "blocks lifted by an operator",
                            metadata: author.metadata.merging(["address": "\(address.text)"]) { $1 })
                    }
                    completion(count)
                }
            },
            issueTicket: { wish, grant, completion in
                tickets.issue(wish, for: grant, completion)
            }, maximumEventBytes: configuration.maxMessageBytes, maximumDepth: configuration.maxJSONDepth,
            loopCount: desk.loops.count)
    }
}

extension APIAuthor {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["by": "\(self.identity)"]
        if let reason = self.reason { metadata["reason"] = "\(reason)" }
        return metadata
    }
}

extension ConnectionSelector: CustomStringConvertible {
    package var description: String {
        switch self {
        case .session(let id): "session \(id)"
        case .identity(let identity): "identity \(identity)"
        case .address(let address): "address \(address.text)"
        }
    }
}

extension EventPublisher {
    /// An event of a backend; the completion tells what came of it.
    func publish(_ event: APIEvent, by grant: Grant, _ completion: @escaping @Sendable (APIPublished) -> Void) {
        let wish = event.request
        let options = EventOptions(
            guaranteed: wish.isGuaranteed, priority: EventPriority(wish.priority), retain: wish.isRetained,
            key: wish.key.map { String(decoding: $0, as: UTF8.self) })
        do throws(PublishError) {
            var request = try self.request(
                channel: event.channel, action: String(decoding: wish.action, as: UTF8.self), data: event.data,
                options: options, audience: wish.audience)
            request.identity = grant.identity
            request.wantsCount = wish.wantsCount
            try self.submit(request) { outcome in
                switch outcome {
                case .accepted(let id, let count): completion(.accepted(event: id.text, receivers: count))
                case .refused(let code): completion(.refused(APIRefusal(code)))
                case nil: completion(.refused(APIRefusal(.connectionDraining)))
                }
            }
        } catch {
            completion(.refused(APIRefusal(error)))
        }
    }
}

extension APIRefusal {
    fileprivate init(_ error: PublishError) {
        switch error {
        case .busy: self.init(ErrorCode.busy)
        case .unknownChannel: self.init(ErrorCode.unknownChannel)
        case .stopped: self.init(ErrorCode.connectionDraining)
        default: self.init(ErrorCode.failed)
        }
    }
}

extension EventPriority {
    fileprivate init(_ priority: Priority) {
        self =
            switch priority {
            case .critical: .critical
            case .high: .high
            case .normal: .normal
            case .low: .low
            }
    }
}
