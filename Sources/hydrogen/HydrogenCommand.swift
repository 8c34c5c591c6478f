import ArgumentParser
import HydrogenServer

@main
struct HydrogenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hydrogen", abstract: "A real-time WebSocket server.", version: "hydrogen \(Version.text)",
        subcommands: [Serve.self, Check.self, Key.self, Diagram.self])
}

extension ExitCode {
    /// The configuration, or a key file, is at fault (sysexits' EX_CONFIG).
    static let configuration = ExitCode(78)
}
