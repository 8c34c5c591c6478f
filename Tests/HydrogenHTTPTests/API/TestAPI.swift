import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads

@testable import HydrogenHTTP

/// A server API whose answers the test gives, when it likes.
final class TestAPI: Sendable {
    struct State: Sendable {
        var published: [APIEvent] = []
        var waiting: [@Sendable (APIPublished) -> Void] = []
        var disconnected: [String] = []
        var tickets: [APITicket] = []
        var holdsAnswers = false
    }

    let state = Guarded(State())

    static let key = "hk_test"

    private static func grant(_ permissions: [String]) -> Grant {
        Grant(
            identity: "tester", permissions: permissions.compactMap { PermissionPattern($0) }, keyID: "1", expires: nil,
            isRevoked: false, digest: SHA256.hash(Array(Self.key.utf8).span))
    }

    func api(permissions: [String] = ["*:*"]) -> ServerAPI {
        ServerAPI(
            authorize: { token, _ in
                guard let token else { return .failure(APIRefusal(.authenticationMissing)) }
                guard token == Array(Self.key.utf8) else { return .failure(APIRefusal(.authenticationInvalid)) }
                return .success(Self.grant(permissions))
            }, charge: { _, _ in nil },
            publish: { event, _, completion in
                let answersNow = self.state.withLockNotifying { state in
                    state.published.append(event)
                    if state.holdsAnswers { state.waiting.append(completion) }
                    return !state.holdsAnswers
                }
                if answersNow { completion(.accepted(event: "e1", receivers: event.request.wantsCount ? 7 : nil)) }
            },
            disconnect: { selector, author, completion in
                self.state.withLock { $0.disconnected.append("\(selector) \(author.reason ?? "")") }
                completion(1)
            }, connections: { _, _, completion in completion([]) }, sessions: { _, _, completion in completion([]) },
            blocks: { completion in completion(nil) }, liftBlocks: { _, _, completion in completion(0) },
            issueTicket: { wish, _, completion in
                self.state.withLock { $0.tickets.append(wish) }
                completion(.success("ht_x"))
            }, maximumEventBytes: 1_000, maximumDepth: 5, loopCount: 2)
    }

    func start(permissions: [String] = ["*:*"]) throws -> HTTPServer {
        try HTTPServer(
            .init(interface: "127.0.0.1", port: 0, version: "1"), source: TestServer.source(),
            api: self.api(permissions: permissions))
    }
}
