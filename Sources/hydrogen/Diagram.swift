import ArgumentParser
import HydrogenConnection

struct Diagram: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the connection state machine as a diagram.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case mermaid, dot }

    @Option(help: "mermaid, or dot for Graphviz.")
    var format = Format.mermaid

    func run() {
        switch self.format {
        case .mermaid: print(StateDiagram.mermaid(), terminator: "")
        case .dot: print(StateDiagram.dot(), terminator: "")
        }
    }
}
