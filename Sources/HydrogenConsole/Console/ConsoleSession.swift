import HydrogenClient
import HydrogenProtocol
import HydrogenThreads

/// A client as the console uses it: subscriptions that are typed are kept over lost connections.
final class ConsoleSession: Sendable {
    typealias Answer = Result<HydrogenClient.Response, HydrogenClient.Failure>

    private struct Kept: Sendable {
        var channel: String
        var id: String
        var topic: String
        var subscription: HydrogenClient.Subscription
    }

    let client: HydrogenClient
    private let timeout: Duration
    private let kept = Guarded<[Kept]>([])

    init(_ client: HydrogenClient, timeout: Duration) {
        self.client = client
        self.timeout = timeout
    }

    func send(_ request: ConsoleCommand.Request) async -> Answer {
        do throws(HydrogenClient.Failure) {
            switch request.action {
            case "subscribe": return .success(try await self.subscribe(request))
            case "unsubscribe":
                if let response = self.unsubscribe(request) { return .success(response) }
                fallthrough
            default:
                return .success(
                    try await self.client.command(
                        request.channel, request.action, json: request.data, timeout: self.timeout))
            }
        } catch {
            return .failure(error)
        }
    }

    private func subscribe(_ request: ConsoleCommand.Request) async throws(HydrogenClient.Failure)
        -> HydrogenClient.Response
    {
        let (subscription, response) = try await self.client.subscribe(channel: request.channel, json: request.data)
        let kept = Kept(
            channel: request.channel, id: Self.member("subscription", of: response.data) ?? "",
            topic: Self.member("topic", of: request.data) ?? "", subscription: subscription)
        self.kept.withLock { $0.append(kept) }
        return response
    }

    /// Ends kept subscriptions; nil where it is about none of them.
    private func unsubscribe(_ request: ConsoleCommand.Request) -> HydrogenClient.Response? {
        let id = Self.member("subscription", of: request.data)
        let topic = Self.member("topic", of: request.data)
        guard (id == nil) != (topic == nil) else { return nil }
        let ended = self.kept.withLock { all -> [Kept] in
            let isEnded = { (kept: Kept) in
                kept.channel == request.channel && (id == nil ? kept.topic == topic : kept.id == id)
            }
            defer { all.removeAll(where: isEnded) }
            return all.filter(isEnded)
        }
        guard !ended.isEmpty else { return nil }
        for kept in ended { kept.subscription.cancel() }
        // The same again is one subscription at the server.
        return HydrogenClient.Response(data: Array("{\"removed\":\(Set(ended.map(\.id)).count)}".utf8))
    }

    private static func member(_ name: StaticString, of data: [UInt8]) -> String? {
        let bytes = data.span
        return (try? JSONScanner.validate(bytes, maxDepth: JSONScanner.greatestDepth))?
            .member(name, in: bytes)?.text?.string(in: bytes)
    }
}
