import Foundation
import HydrogenConfiguration
import HydrogenProtocol
import Logging
import Testing

@testable import HydrogenServer

@Suite struct LogLineTests {
    static let time = WallTime(milliseconds: 1_764_000_000_007)

    static func line(
        _ format: Configuration.Log.Format, _ message: String,
        _ metadata: [(key: String, value: Logger.MetadataValue)] = []
    ) -> String {
        String(decoding: LogLine(format, time, .warning, message, metadata).bytes, as: UTF8.self)
    }

    @Test func asText() {
        let line = Self.line(
            .text, "connection opened",
            [
                ("address", "127.0.0.1:5"), ("count", .stringConvertible(7)), ("empty", ""), ("identity", "the fleet"),
                ("list", ["a", "b"]),
            ])
        #expect(
            line == "2025-11-24T16:00:00.007Z warning connection opened address=127.0.0.1:5 count=7 empty=\"\" "
                + "identity=\"the fleet\" list=\"[a, b]\"\n")
    }

    @Test func asJSON() throws {
        let line = Self.line(
            .json, "connection \"opened\"", [("address", "::1"), ("level", "x"), ("map", ["b": "2", "a": "1"])])
        #expect(
            line
                == "{\"timestamp\":\"2025-11-24T16:00:00.007Z\",\"level\":\"warning\",\"message\":\"connection \\\"opened\\\"\","
                + "\"address\":\"::1\",\"level_\":\"x\",\"map\":\"[a: 1, b: 2]\"}\n")
    }

    static let hostile = [
        "a\nb", "\r", "a b", "a=b", "say \"hi\"", "back\\slash", "\u{1b}[31m", "\0", "\u{7f}", "\u{9b}2J", "\u{85}",
        "\u{2028}",
        "\u{202e}gnp", "\u{feff}", "\u{200b}", "é", "日本", "🦄", "\"\nlevel=error", "\\", "\\\"", "x\t",
    ]

    /// What comes back out of a value is what went in, and the line stays one line of visible characters.
    @Test(arguments: hostile) func oneValueStaysOne(_ text: String) throws {
        let json = Self.line(.json, text, [("field", .string(text)), (text, "x")])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String])
        #expect(object["field"] == text)
        #expect(object["message"] == text)
        #expect(object[text] == "x")

        let line = Self.line(.text, "m", [("field", .string(text)), ("next", "y")])
        #expect(line.hasPrefix("2025-11-24T16:00:00.007Z warning m field=\""))
        #expect(line.hasSuffix("\" next=y\n"))
        let quoted = line.dropFirst("2025-11-24T16:00:00.007Z warning m field=".count).dropLast(" next=y\n".count)
        let value = try JSONSerialization.jsonObject(with: Data(quoted.utf8), options: .fragmentsAllowed) as? String
        #expect(value == text)

        for line in [json, line, Self.line(.text, text, [(text, "x")])] {
            let hidden = line.unicodeScalars.dropLast().filter {
                $0.properties.generalCategory == .control || $0.properties.generalCategory == .format
                    || $0.properties.generalCategory == .lineSeparator
            }
            #expect(hidden.isEmpty)
        }
    }

    /// A message that holds an equals sign cannot pass for a field.
    @Test func messagesForgeNoField() {
        #expect(Self.line(.text, "refused code=ok").hasSuffix(" warning \"refused code=ok\"\n"))
    }

    @Test(arguments: [Configuration.Log.Format.text, .json]) func longValuesAreCut(_ format: Configuration.Log.Format) {
        for count in [LogLine.maxValueCount - 2, LogLine.maxValueCount * 3] {
            let line = Self.line(format, "m", [("a", .string(String(repeating: " ", count: count))), ("b", "2")])
            #expect(line.contains("…") == (count > LogLine.maxValueCount))
            #expect(line.utf8.count < LogLine.maxValueCount + 120)
            #expect(line.contains("b"))
        }
    }

    @Test(arguments: [Configuration.Log.Format.text, .json], [" ", "x", "\u{1}", "🦄"])
    func linesHaveABound(_ format: Configuration.Log.Format, _ unit: String) throws {
        let fields = (0..<50).map {
            (key: "k\($0)", value: Logger.MetadataValue.string(String(repeating: unit, count: 300)))
        }
        let line = Self.line(format, String(repeating: unit, count: 5_000), fields)
        #expect(line.utf8.count <= LogLine.maxCount)
        #expect(line.utf8.count > LogLine.maxCount / 2)
        if format == .json { #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) } }
    }
}

@Suite struct LogOutputTests {
    /// A pipe, and what was written to it.
    private func written(_ log: Configuration.Log, _ body: (LogOutput, inout Logger) -> Void) -> [String] {
        let pipe = Pipe()
        let output = LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor, log)
        var logger = Logger(label: "test") { _ in LogHandlerOfLines(output: output) }
        body(output, &logger)
        try? pipe.fileHandleForWriting.close()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func levelsChangeWhileRunning() {
        let lines = written(Configuration().log) { output, logger in
            let copy = logger
            logger.debug("one")
            logger.info("two")
            output.level = .debug
            copy.debug("three")
            output.level = .error
            copy.warning("four")
            copy.error("five")
            #expect(output.level == .error)
        }
        #expect(
            lines.map { $0.split(separator: " ").dropFirst().joined(separator: " ") } == [
                "info two", "debug three", "error five",
            ])
    }

    @Test func aLoggerMayHaveItsOwnLevel() {
        let lines = written(Configuration().log) { output, logger in
            logger.logLevel = .trace
            output.level = .critical
            logger.trace("one")
        }
        #expect(lines.count == 1)
    }

    @Test func metadataIsMergedAndSorted() {
        let lines = written(Configuration().log) { _, logger in
            logger[metadataKey: "node"] = "n"
            logger[metadataKey: "a"] = "outer"
            logger.info("m", metadata: ["z": "1", "a": "inner"])
        }
        #expect(lines.first?.hasSuffix(" info m a=inner node=n z=1") == true)
    }

    /// Lines of many threads do not mix.
    @Test func manyThreads() {
        let lines = written(Configuration().log) { _, logger in
            let logger = logger
            DispatchQueue.concurrentPerform(iterations: 8) { thread in
                for count in 0..<50 { logger.info("m", metadata: ["t": "\(thread)", "c": "\(count)"]) }
            }
        }
        #expect(lines.count == 400)
        #expect(Set(lines.map { $0.split(separator: " ").suffix(2).joined() }).count == 400)
        #expect(lines.allSatisfy { $0.split(separator: " ").count == 5 })
    }

    /// A reader that does not keep up costs lines, not time.
    @Test func aFullPipeDropsLines() {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
        let output = LogOutput(descriptor: descriptor, Configuration().log)
        let logger = Logger(label: "test") { _ in LogHandlerOfLines(output: output) }
        for _ in 0..<200 { logger.info("m", metadata: ["v": .string(String(repeating: "x", count: 1_000))]) }
        #expect(output.droppedCount > 0)
        #expect(output.droppedCount < 200)
    }

    @Test(arguments: Configuration.Log.Level.allCases) func levelsHaveTheirNames(_ level: Configuration.Log.Level) {
        #expect(Logger.Level(level).rawValue == level.rawValue)
    }
}
