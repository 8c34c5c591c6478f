import Foundation
import Testing

@testable import HydrogenClientCore

/// The diagram of `Documentation/Clients.md` is that of the table. With `HYDROGEN_WRITE_DOCUMENTS` set it is written anew.
@Suite struct ClientDocumentTests {
    private static let command = "HYDROGEN_WRITE_DOCUMENTS=1 swift test --filter ClientDocumentTests"

    @Test func theDiagramIsThatOfTheTable() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Documentation/Clients.md")
        let document = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(document.range(of: "<!-- client-diagram:begin -->"))
        let end = try #require(document.range(of: "<!-- client-diagram:end -->"))
        let expected = "\n```mermaid\n\(ClientStateDiagram.mermaid())```\n"
        if ProcessInfo.processInfo.environment["HYDROGEN_WRITE_DOCUMENTS"] != nil {
            let text = String(document[..<begin.upperBound]) + expected + String(document[end.lowerBound...])
            try Data(text.utf8).write(to: file)
        } else {
            #expect(document[begin.upperBound..<end.lowerBound] == expected, "write it anew: \(Self.command)")
        }
    }
}
