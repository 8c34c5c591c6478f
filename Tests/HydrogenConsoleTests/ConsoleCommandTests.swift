import Testing

@testable import HydrogenConsole

@Suite struct ConsoleCommandTests {
    private static func request(
        _ channel: String, _ action: String, _ data: String = "{}", id: String? = nil
    ) -> ConsoleCommand {
        .send(
            ConsoleCommand.Request(
                id: id.map { Array($0.utf8) }, channel: channel, action: action, data: Array(data.utf8)))
    }

    @Test(arguments: [
        ("", ConsoleCommand.empty), ("  \t\r", .empty), (".help", .help), (" .quit ", .quit), (".exit", .quit),
        ("system whoami", request("system", "whoami")), ("  system   whoami \r", request("system", "whoami")),
        (#"print publish {"action": "a b"} "#, request("print", "publish", #"{"action": "a b"}"#)),
        (#"{"channel":"print","action":"x.y","data":{"a":1},"id":7}"#, request("print", "x.y", #"{"a":1}"#, id: "7")),
        (#" {"action":"a","channel":"b"}"#, request("b", "a")),
        (#"{"action":"a","channel":"b","id":"\n"}"#, request("b", "a", id: #""\n""#)),
    ])
    func linesAreRead(_ line: String, _ command: ConsoleCommand) {
        #expect(ConsoleCommand(line) == command)
    }

    @Test(arguments: [
        ".other", "system", "System whoami", "system who..ami", "system whoami [1]", "system whoami {", "system whoami x",
        "{", #"{"channel":"a"}"#, #"{"channel":1,"action":"a"}"#, #"{"channel":"a","action":"b","data":[]}"#,
        #"{"channel":"a","action":"b"} x"#,
    ])
    func otherLinesAreRefused(_ line: String) {
        guard case .invalid(let fault) = ConsoleCommand(line) else {
            Issue.record("\(ConsoleCommand(line))")
            return
        }
        #expect(!fault.isEmpty)
    }

    @Test func bytesAreCutIntoLines() {
        var splitter = LineSplitter()
        #expect(splitter.take(Array("a\nb".utf8)[...]) == ["a"])
        #expect(splitter.take(Array("c\n\nd".utf8)[...]) == ["bc", ""])
        #expect(splitter.finish() == "d")
        #expect(splitter.finish() == nil)
    }
}
