import ArgumentParser
import HydrogenClient
import HydrogenProtocol
import HydrogenThreads

/// What the commands that speak as a client share.
enum ClientConnection {
    static func check(url: String) throws {
        if ServerURL(url) == nil { throw ValidationError("'\(url)' is no ws:// or wss:// URL.") }
    }

    /// Connects, and runs a body with the client, which is closed afterwards. What goes wrong is told, and ends the
    /// command with 1.
    static func run<Answer: Sendable>(
        to url: String, _ connection: ConnectionOptions, _ signing: SigningOptions,
        _ body: @escaping @Sendable (HydrogenClient) async throws(HydrogenClient.Failure) -> Answer
    ) throws -> Answer {
        let key = try connection.token()
        var options = HydrogenClient.Options()
        options.certificateAuthorityPath = connection.ca
        options.signedActions = signing.actions
        let outcome = Guarded<Result<Answer, HydrogenClient.Failure>?>(nil)
        Task { [options] in
            let result = await self.result(url, key, options, body)
            outcome.withLockNotifying { $0 = result }
        }
        switch outcome.wait(until: { $0 }) {
        case .success(let answer): return answer
        case .failure(let failure):
            Terminal.tell("\(failure)")
            throw ExitCode.failure
        }
    }

    private static func result<Answer: Sendable>(
        _ url: String, _ key: String?, _ options: HydrogenClient.Options,
        _ body: @Sendable (HydrogenClient) async throws(HydrogenClient.Failure) -> Answer
    ) async -> Result<Answer, HydrogenClient.Failure> {
        do throws(HydrogenClient.Failure) {
            let client = try await HydrogenClient.connect(to: url, key: key, options: options)
            let result: Result<Answer, HydrogenClient.Failure>
            do throws(HydrogenClient.Failure) {
                result = .success(try await body(client))
            } catch {
                result = .failure(error)
            }
            await client.close()
            return result
        } catch {
            return .failure(error)
        }
    }
}
