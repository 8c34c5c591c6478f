import Foundation
import HydrogenConfiguration

/// What a server is told at its start: a configuration file, checked, with the overrides of the environment.
public struct ServerConfiguration: Sendable {
    package var values: Configuration
    /// Where it was read from, for `HydrogenServer.reload()`.
    package let path: String

    /// Reads and checks a configuration file.
    ///
    /// - Parameter path: JSON with comments, one object `WebSocketServer`; see Documentation/Configuration.md.
    /// - Throws: `ConfigurationError`, which names every fault.
    public static func load(
        from path: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> ServerConfiguration {
        do {
            return ServerConfiguration(values: try Configuration.load(from: path, environment: environment), path: path)
        } catch {
            throw ConfigurationError(faults: error.faults.map(\.description))
        }
    }

    /// What is worth knowing, and no fault.
    public var warnings: [String] { self.values.warnings }
}

/// Why a configuration is refused: one line per fault, with its path and what is allowed.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    public let faults: [String]
    public var description: String { self.faults.joined(separator: "\n") }
}
