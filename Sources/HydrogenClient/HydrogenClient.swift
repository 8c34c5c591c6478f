import Foundation
import HydrogenClientCore
import HydrogenProtocol

/// A client of a Hydrogen server. It stays connected: after a lost connection it comes back by itself, resumes its
/// session, and goes on where it was.
///
/// ```swift
/// let client = try await HydrogenClient.connect(to: "wss://example.org/", key: key)
/// let jobs = try await client.subscribe(channel: "print", topic: "job.*")
/// let answer = try await client.command("print", "job.start", data: ["id": 7])
/// for await job in jobs { print(job.action, job.text) }
/// ```
/// Its methods may be called from any thread or task. It has one thread of its own, which ends with `close`, or when
/// nobody holds the client any more.
public final class HydrogenClient: Sendable {
    let handle: ClientLoopHandle
    let options: Options

    /// Makes a client that is not started.
    ///
    /// - Parameters:
    ///   - url: `ws://host[:port][/path]` or `wss://…`. The key is never part of it.
    ///   - key: What `hydrogen key create` printed; nil for a server that lets anonymous clients in.
    /// - Throws: `.invalidURL`; `.invalidKey` for one that no header can carry; `.system` where there is no descriptor.
    public init(url: String, key: String? = nil, options: Options = Options()) throws(Failure) {
        guard let target = ServerURL(url) else { throw .invalidURL }
        if let key { try Self.check(key: key) }
        self.options = options
        self.handle = try ClientLoopHandle(target: target, key: key, options: options)
    }

    /// A key that a header can carry.
    static func check(key: String) throws(Failure) {
        guard !key.isEmpty, key.utf8.count <= 1024, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .invalidKey
        }
    }

    deinit { self.handle.post(.close) }

    /// Makes a client, connects it, and returns when it is in service.
    ///
    /// - Throws: why the first attempt failed: `.refused`, `.unreachable`, … Later losses are no errors; `states` tells
    ///   of them.
    public static func connect(
        to url: String, key: String? = nil, options: Options = Options()
    ) async throws(Failure) -> HydrogenClient {
        let client = try HydrogenClient(url: url, key: key, options: options)
        try client.start()
        var states = client.states.makeAsyncIterator()
        while let state = await states.next() {
            switch state {
            case .connecting: continue
            case .connected: return client
            case .waiting(let reason, _):
                await client.close()
                throw reason.failure
            case .stopped(let reason):
                throw reason.failure
            }
        }
        throw .closed
    }

    /// Begins to connect, and returns at once. A client that is started once stays so until `close`, or until the
    /// server says something final; more calls do nothing.
    public func start() throws(Failure) { try self.handle.start() }

    /// Where the client stands.
    public var state: State { self.handle.board.state }

    /// Where the client stands now, and each change from then on. Each call has a sequence of its own; it ends after
    /// `stopped`.
    public var states: AsyncStream<State> { self.handle.board.states() }

    /// What is worth knowing beside the state: sessions that were lost, gaps, events that were dropped.
    public var notices: AsyncStream<Notice> { self.handle.board.notices() }

    /// Ends the session and the connection, and returns when they are over. What was not acknowledged counts as
    /// expired; commands that are not answered fail with `.closed` or `.connectionLost`.
    public func close() async {
        self.handle.post(.close)
        await self.handle.board.waitUntilStopped()
    }
}
