import ArgumentParser
import HydrogenConnection

/// `hydrogen diagram`: the state machine as a picture.
struct DiagramCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagram", abstract: "Print the state machine of a connection.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case mermaid, dot
    }

    @Option(help: "The language of the picture.")
    var format = Format.mermaid

    func run() {
        switch self.format {
        case .mermaid: print(StateDiagram.mermaid(), terminator: "")
        case .dot: print(StateDiagram.dot(), terminator: "")
        }
    }
}
