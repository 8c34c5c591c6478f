import Foundation
import HydrogenProtocol
import Testing

@testable import HydrogenServices

@Suite struct FileReadTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var offset: Int?, length: Int?
        var text: String
        var eof: Bool
        var testDescription: String { "\(String(describing: offset)) \(String(describing: length))" }
    }

    @Test(arguments: [
        Row(offset: nil, length: nil, text: "0123456789", eof: true), Row(offset: 0, length: 4, text: "0123", eof: false),
        Row(offset: 4, length: 5, text: "45678", eof: false), Row(offset: 4, length: 6, text: "456789", eof: true),
        Row(offset: 4, length: 7, text: "456789", eof: true), Row(offset: 10, length: 1, text: "", eof: true),
        Row(offset: .max, length: .max, text: "", eof: true), Row(offset: 3, length: 0, text: "", eof: false),
    ])
    func partIsRead(_ row: Row) throws {
        let world = try FileWorld()
        try world.put("f", "0123456789")
        for encoding in ["base64", "text", nil] {
            var data: [String: Any] = ["path": "f"]
            data["offset"] = row.offset
            data["length"] = row.length
            data["encoding"] = encoding
            let part = try world.call("read", data).decode(Part.self)
            #expect(part.encoding == encoding ?? "base64")
            #expect(part.bytes == Array(row.text.utf8))
            #expect(part.offset == row.offset ?? 0 && part.size == 10 && part.eof == row.eof)
        }
    }

    @Test(arguments: [["offset": -1], ["length": -1], ["offset": "1"], ["encoding": "hex"]] as [[String: any Sendable]])
    func wrongRequestIsInvalid(_ data: [String: any Sendable]) throws {
        let world = try FileWorld()
        try world.put("f", "x")
        #expect(world.call("read", data.merging(["path": "f"]) { $1 }).code == .invalidData)
    }

    @Test func folderIsNoFile() throws {
        let world = try FileWorld()
        try world.makeFolder("f")
        #expect(world.call("read", ["path": "f"]).code == .notFound)
        #expect(world.call("read", ["path": "g"]).code == .notFound)
    }

    @Test(arguments: ["base64", "text"], [0x61, 0x22, 0x01, 0x0a] as [UInt8])
    func largeFileIsReadInParts(_ encoding: String, _ byte: UInt8) throws {
        let world = try FileWorld(maximumMessageBytes: 2048)
        let content = [UInt8](repeating: byte, count: 5000)
        try world.put("f", content)
        var read: [UInt8] = []
        var isAtEnd = false
        while !isAtEnd && read.count < 5000 {
            let outcome = world.call("read", ["path": "f", "encoding": encoding, "offset": read.count])
            #expect(outcome.json.utf8.count <= 2048 - ServiceSizes.envelopeBytes)
            let part = try outcome.decode(Part.self)
            let bytes = try #require(part.bytes)
            #expect(!bytes.isEmpty)
            read += bytes
            isAtEnd = part.eof
        }
        #expect(isAtEnd && read == content)
    }

    @Test(arguments: ["\u{e9}", "\u{20ac}", "\u{1f600}"], 0...3)
    func fullAnswerEndsAtACharacter(_ character: String, _ shift: Int) throws {
        let world = try FileWorld(maximumMessageBytes: 2048)
        let text = String(repeating: "x", count: shift) + String(repeating: character, count: 1500)
        try world.put("f", text)
        var read = ""
        while read.utf8.count < text.utf8.count {
            let data: [String: Any] = ["path": "f", "encoding": "text", "offset": read.utf8.count]
            let part = try world.call("read", data).decode(Part.self)
            try #require(!part.data.isEmpty)
            read += part.data
        }
        #expect(read == text)
    }

    @Test(arguments: [(0, 1, false), (0, 2, false), (0, 3, true), (1, 2, false), (3, 1, true), (2, 2, false), (0, 4, true)])
    func clientMayNotCutACharacter(_ offset: Int, _ length: Int, _ isTaken: Bool) throws {
        let world = try FileWorld()
        try world.put("f", "\u{20ac}z")
        let data: [String: Any] = ["path": "f", "encoding": "text", "offset": offset, "length": length]
        #expect(world.call("read", data).code == (isTaken ? nil : .invalidData))
    }

    @Test(arguments: [[0xff], [0x61, 0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0x80]] as [[UInt8]])
    func textThatIsNoUTF8IsInvalid(_ bytes: [UInt8]) throws {
        let world = try FileWorld()
        try world.put("f", bytes)
        #expect(world.call("read", ["path": "f", "encoding": "text"]).code == .invalidData)
        #expect(try world.call("read", ["path": "f"]).decode(Part.self).bytes == bytes)
    }
}
