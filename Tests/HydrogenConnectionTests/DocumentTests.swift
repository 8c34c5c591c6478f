import Foundation
import Testing

@testable import HydrogenConnection

/// What is committed of the table is what the table says. With `HYDROGEN_WRITE_DOCUMENTS` set it is written anew.
@Suite struct DocumentTests {
    private static let isWriting = environmentValue("HYDROGEN_WRITE_DOCUMENTS") != nil

    @Test func stateMachineDocumentIsThatOfTheTable() throws {
        let file = packageFolder.appendingPathComponent("Documentation/StateMachine.md")
        let expected = StateMachineDocument.markdown()
        if Self.isWriting {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(expected.utf8).write(to: file)
        }
        let actual = try String(contentsOf: file, encoding: .utf8)
        #expect(actual == expected, "write it anew: \(StateMachineDocument.command)")
    }

    @Test func readmeShowsTheDiagram() throws {
        let file = packageFolder.appendingPathComponent("README.md")
        let readme = try String(contentsOf: file, encoding: .utf8)
        let parts = try #require(Self.split(readme), "README.md has no diagram:begin and diagram:end")
        let expected = "\n```mermaid\n\(StateDiagram.mermaid())```\n"
        if Self.isWriting {
            try Data((parts.before + expected + parts.after).utf8).write(to: file)
        } else {
            #expect(parts.diagram == expected, "write it anew: \(StateMachineDocument.command)")
        }
    }

    private static func split(_ readme: String) -> (before: String, diagram: String, after: String)? {
        guard let begin = readme.range(of: "<!-- diagram:begin -->"),
            let end = readme.range(of: "<!-- diagram:end -->"), begin.upperBound <= end.lowerBound
        else { return nil }
        return (
            String(readme[..<begin.upperBound]), String(readme[begin.upperBound..<end.lowerBound]),
            String(readme[end.lowerBound...])
        )
    }

    /// Both pictures hold every legal transition and no other.
    @Test func picturesShowEveryTransition() {
        let mermaid = StateDiagram.mermaid()
        let dot = StateDiagram.dot()
        for from in Kind.allCases {
            for to in Kind.allCases where to != from {
                let isLegal = Transition(from: from, to: to).index != nil
                #expect(mermaid.contains("\n    \(from.label) --> \(to.label) : ") == isLegal)
                #expect(dot.contains("\n    \(from.label) -> \(to.label) [") == isLegal)
            }
        }
    }

    @Test func additionsAreMarked() {
        let marked = StateDiagram.edges(of: TableUnderTest.rows).filter(\.isAddition).map {
            "\($0.from.label) \($0.to.label) \($0.causes.joined(separator: ", "))"
        }
        #expect(
            marked == [
                "verifying failed HandshakeTimeout",
                "established closing violation, close received, close requested, HandshakeTimeout",
                "heartbeat closing close received, violation, close requested",
                "inactive connected received, pong received",
                "failed failed CloseTimeout",
                "rejected rejected CloseTimeout",
            ])
    }
}
