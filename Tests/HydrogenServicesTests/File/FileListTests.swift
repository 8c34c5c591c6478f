import Foundation
import HydrogenProtocol
import Testing

@testable import HydrogenServices

@Suite struct FileListTests {
    @Test func itemTellsKindSizeAndTime() throws {
        let world = try FileWorld()
        try world.put("b.txt", "hello")
        try world.makeFolder("a")
        var times = [timeval(tv_sec: 1_700_000_000, tv_usec: 7_999), timeval(tv_sec: 1_700_000_000, tv_usec: 7_999)]
        #expect(utimes(world.root + "/b.txt", &times) == 0)
        let page = try world.call("list", ["path": ""]).decode(Page.self)
        #expect(page.next == nil)
        #expect(page.items.map(\.name) == ["a", "b.txt"])
        #expect(page.items[0].kind == "folder" && page.items[0].size == 0)
        let file = Item(name: "b.txt", kind: "file", size: 5, modified: "2023-11-14T22:13:20.007Z")
        #expect(page.items[1] == file)
        #expect(try world.call("stat", ["path": "b.txt"]).decode(Item.self) == file)
        #expect(try world.call("stat", ["path": ""]).decode(Item.self).kind == "folder")
    }

    @Test func pagesGoThroughAllNamesByBytes() throws {
        let world = try FileWorld()
        let names = ["A", "Z", "a", "a b", "a\"q", "b\\s", "e\u{301}", "z", "\u{e9}", "\u{1f600}"]
        for name in names { try world.put("f/" + name, "") }
        for limit in 1...names.count + 1 {
            var seen: [String] = []
            var after: String?
            repeat {
                var data: [String: Any] = ["path": "f", "limit": limit]
                data["after"] = after
                let page = try world.call("list", data).decode(Page.self)
                #expect(page.items.count <= limit)
                seen += page.items.map(\.name)
                after = page.next
            } while after != nil
            #expect(seen.map { Array($0.utf8) } == names.map { Array($0.utf8) })
        }
    }

    @Test(arguments: [(-1, false), (0, false), (1, true), (999, true), (1000, true), (1001, false)])
    func limitIsBounded(_ limit: Int, _ isTaken: Bool) throws {
        let world = try FileWorld()
        #expect(world.call("list", ["limit": limit]).code == (isTaken ? nil : .invalidData))
    }

    @Test(arguments: [(99, 99, false), (100, 100, false), (101, 100, true)])
    func aPageHasAHundredByDefault(_ count: Int, _ listed: Int, _ hasNext: Bool) throws {
        let world = try FileWorld()
        for index in 0..<count { try world.put("f/\(1000 + index)", "") }
        let page = try world.call("list", ["path": "f"]).decode(Page.self)
        #expect(page.items.count == listed)
        #expect(page.next == (hasNext ? "1099" : nil))
    }

    @Test func pageEndsWhereTheMessageIsFull() throws {
        let world = try FileWorld(maximumMessageBytes: 4096)
        let names = (0..<40).map { String(format: "%03d", $0) + String(repeating: "\"", count: 200) }
        for name in names { try world.put("f/" + name, "") }
        var seen: [String] = []
        var after: String?
        repeat {
            var data: [String: Any] = ["path": "f", "limit": 1000]
            data["after"] = after
            let outcome = world.call("list", data)
            #expect(outcome.json.utf8.count <= 4096 - ServiceSizes.envelopeBytes)
            let page = try outcome.decode(Page.self)
            #expect(page.items.count >= 1)
            seen += page.items.map(\.name)
            after = page.next
        } while after != nil
        #expect(seen == names)
    }

    @Test(arguments: [(9, true), (10, true), (11, false)]) func folderIsBounded(_ count: Int, _ fits: Bool) throws {
        var limits = FileLimits()
        limits.maximumFolderEntries = 10
        let world = try FileWorld(limits: limits)
        for index in 0..<count { try world.put("f/\(index)", "") }
        #expect(world.call("list", ["path": "f"]).code == (fits ? nil : .failed))
    }

    @Test func namesThatNobodyCanGiveAreNotListed() throws {
        let world = try FileWorld()
        try world.put("f/good", "")
        try world.put("f/.hydrogen-own", "")
        try world.put("f/line\nbreak", "")
        let raw = open(world.root + "/f", O_RDONLY)
        defer { close(raw) }
        let file = [CChar(bitPattern: 0xff), 0].withUnsafeBufferPointer { openat(raw, $0.baseAddress!, O_CREAT | O_WRONLY, 0o600) }
        close(file)
        #expect(world.names(world.root + "/f").count >= 3)
        #expect(try world.call("list", ["path": "f"]).decode(Page.self).items.map(\.name) == ["good"])
    }

    @Test func folderThatIsNoneIsNotFound() throws {
        let world = try FileWorld()
        try world.put("file", "")
        for path in ["missing", "file", "file/x", "missing/x"] {
            #expect(world.call("list", ["path": path]).code == .notFound)
        }
        #expect(world.call("stat", ["path": "missing"]).code == .notFound)
    }

    @Test(arguments: ["list", "stat", "read", "write", "delete", "move"]) func wrongTypesAreInvalid(_ action: String) throws {
        let world = try FileWorld()
        let data = "{\"path\":1,\"from\":1,\"to\":[],\"data\":\"\"}"
        #expect(world.call(action, text: data).code == .invalidData)
        if action != "list" { #expect(world.call(action, text: "{}").code == .invalidData) }
    }
}
