import Foundation
import HydrogenProtocol
import Testing

@testable import HydrogenServices

@Suite struct FileMoveTests {
    @Test func fileIsDeleted() throws {
        let world = try FileWorld()
        try world.put("a/f", "x")
        #expect(world.call("delete", ["path": "a/f"]).json == "{}")
        #expect(world.call("delete", ["path": "a/f"]).code == .notFound)
        #expect(world.call("delete", ["path": "a"]).code == nil)
        #expect(world.names(world.root) == [FileService.uploadsName])
        #expect(
            world.events.all == [
                "file/changed {\"path\":\"a/f\",\"change\":\"deleted\"}",
                "file/changed {\"path\":\"a\",\"change\":\"deleted\"}",
            ])
    }

    @Test func folderWithFilesIsNotDeleted() throws {
        let world = try FileWorld()
        try world.put("a/f", "x")
        #expect(world.call("delete", ["path": "a"]).code == .conflict)
        #expect(world.content("a/f") == "x" && world.events.all.isEmpty)
    }

    @Test func fileIsMoved() throws {
        let world = try FileWorld()
        try world.put("a/f", "x")
        let item = try world.call("move", ["from": "a/f", "to": "b/g", "parents": true]).decode(Item.self)
        #expect(item.name == "g" && item.size == 1)
        #expect(world.content("a/f") == nil && world.content("b/g") == "x")
        #expect(world.events.all == ["file/changed {\"path\":\"b/g\",\"change\":\"moved\",\"from\":\"a/f\"}"])
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var from: String, to: String, overwrite: Bool, code: ErrorCode?
        var testDescription: String { "\(from) to \(to), overwrite \(overwrite)" }
    }

    @Test(arguments: [
        Row(from: "file", to: "free", overwrite: false, code: nil),
        Row(from: "file", to: "free", overwrite: true, code: nil),
        Row(from: "file", to: "other", overwrite: false, code: .conflict),
        Row(from: "file", to: "other", overwrite: true, code: nil),
        Row(from: "file", to: "folder", overwrite: false, code: .conflict),
        Row(from: "file", to: "folder", overwrite: true, code: .conflict),
        Row(from: "folder", to: "free", overwrite: false, code: nil),
        Row(from: "folder", to: "free", overwrite: true, code: nil),
        Row(from: "folder", to: "empty", overwrite: false, code: .conflict),
        Row(from: "folder", to: "empty", overwrite: true, code: .conflict),
        Row(from: "folder", to: "file", overwrite: true, code: .conflict),
        Row(from: "folder", to: "folder/in", overwrite: false, code: .invalidData),
        Row(from: "file", to: "file/in", overwrite: false, code: .invalidData),
        Row(from: "file", to: "file", overwrite: false, code: .conflict),
        Row(from: "file", to: "file", overwrite: true, code: nil),
        Row(from: "file", to: "missing/f", overwrite: false, code: .notFound),
        Row(from: "missing", to: "free", overwrite: false, code: .notFound),
    ])
    func moveIsDecided(_ row: Row) throws {
        let world = try FileWorld()
        try world.put("file", "file")
        try world.put("other", "other")
        try world.put("folder/in-it", "in")
        try world.makeFolder("empty")
        let before = world.names(world.root)
        let outcome = world.call("move", ["from": row.from, "to": row.to, "overwrite": row.overwrite])
        #expect(outcome.code == row.code)
        #expect(world.events.all.count == (row.code == nil ? 1 : 0))
        if row.code != nil {
            #expect(world.names(world.root) == before)
            #expect(world.content("other") == "other" && world.content("folder/in-it") == "in")
        } else if row.from == "file" {
            #expect(world.content(row.to) == "file")
        }
    }
}
