import ArgumentParser
import HydrogenConfiguration

/// The command line: one file for each subcommand.
@main
struct HydrogenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hydrogen",
        abstract: "A real-time WebSocket server.",
        discussion: "Exit status: 0 success, 1 failure, 2 a broken rule, 64 usage, 78 configuration.",
        version: "hydrogen \(Version.current)",
        subcommands: [
            ServeCommand.self, CheckCommand.self, KeyCommand.self, SimulateCommand.self, ReplayCommand.self,
            DiagramCommand.self, ConnectCommand.self, PublishCommand.self, BenchCommand.self, StoreCommand.self,
        ])
}
