import Foundation
import HydrogenProtocol
import Testing

@testable import HydrogenServices

@Suite struct FileUploadTests {
    /// Opens an upload of a file with its first bytes.
    func open(_ world: FileWorld, _ path: String, _ text: String, as identity: String = "alice") -> ServiceAnswer.Outcome {
        world.call("write", ["path": path, "data": text, "encoding": "text", "final": false], as: identity)
    }

    func send(
        _ world: FileWorld, _ upload: String, at offset: Int, _ text: String, final: Bool = false, path: String = "f",
        as identity: String = "alice"
    ) -> ServiceAnswer.Outcome {
        let data: [String: Any] = [
            "path": path, "upload": upload, "offset": offset, "data": text, "encoding": "text", "final": final,
        ]
        return world.call("write", data, as: identity)
    }

    @Test func fileArrivesInChunks() throws {
        let world = try FileWorld()
        let first = try self.open(world, "f", "abc").decode(Chunk.self)
        #expect(first.offset == 3)
        #expect(try self.send(world, first.upload, at: 3, "def").decode(Chunk.self).offset == 6)
        #expect(world.content("f") == nil && world.events.all.isEmpty)
        #expect(try self.send(world, first.upload, at: 6, "g", final: true).decode(Item.self).size == 7)
        #expect(world.content("f") == "abcdefg")
        #expect(world.events.all == ["file/changed {\"path\":\"f\",\"change\":\"created\"}"])
        #expect(world.names(world.uploads).isEmpty)
        #expect(self.send(world, first.upload, at: 7, "h").code == .notFound)
    }

    @Test func chunkMayBeSentAgainButLeavesNoGap() throws {
        let world = try FileWorld()
        let id = try self.open(world, "f", "abc").decode(Chunk.self).upload
        #expect(try self.send(world, id, at: 3, "def").decode(Chunk.self).offset == 6)
        #expect(try self.send(world, id, at: 3, "def").decode(Chunk.self).offset == 6)
        #expect(try self.send(world, id, at: 0, "A").decode(Chunk.self).offset == 6)
        #expect(self.send(world, id, at: 7, "x").code == .conflict)
        #expect(self.send(world, id, at: -1, "x").code == .invalidData)
        #expect(self.send(world, id, at: .max, "x").code == .conflict)
        #expect(self.send(world, id, at: 6, "", final: true).code == nil)
        #expect(world.content("f") == "Abcdef")
    }

    @Test func uploadBelongsToItsIdentityAndPath() throws {
        let world = try FileWorld()
        let id = try self.open(world, "f", "abc").decode(Chunk.self).upload
        #expect(self.send(world, id, at: 3, "x", as: "bob").code == .notFound)
        #expect(self.send(world, id, at: 3, "x", path: "g").code == .invalidData)
        #expect(self.send(world, "none", at: 3, "x").code == .notFound)
        #expect(world.call("write", ["path": "f", "data": "", "offset": 1]).code == .invalidData)
        #expect(self.send(world, id, at: 3, "d", final: true).code == nil)
        #expect(world.content("f") == "abcd")
    }

    @Test(arguments: [2, 3, 4]) func openUploadsAreBounded(_ count: Int) throws {
        var limits = FileLimits()
        limits.maximumUploadCount = 3
        let world = try FileWorld(limits: limits)
        let codes = (0..<count).map { self.open(world, "f\($0)", "x").code }
        #expect(codes == [nil, nil, nil, .busy].prefix(count).map { $0 })
        #expect(world.names(world.uploads).count == min(count, 3))
        // A whole file needs no place.
        #expect(world.call("write", ["path": "whole", "data": ""]).code == nil)
    }

    @Test(arguments: [(9, true), (10, true), (11, false)]) func bytesOfAllUploadsAreBounded(_ count: Int, _ fits: Bool) throws {
        var limits = FileLimits()
        limits.maximumUploadBytes = 10
        let world = try FileWorld(limits: limits)
        let id = try self.open(world, "f", "abc").decode(Chunk.self).upload
        _ = try self.open(world, "g", "abc").decode(Chunk.self)
        let rest = String(repeating: "x", count: count - 6)
        #expect(self.send(world, id, at: 3, rest).code == (fits ? nil : .busy))
        // What was refused changed nothing.
        #expect(self.send(world, id, at: fits ? count - 3 : 3, "", final: true).code == nil)
        #expect(world.content("f") == (fits ? "abc" + rest : "abc"))
        // Its bytes are free again.
        #expect(self.open(world, "h", "1234567").code == nil)
    }

    @Test(arguments: [(9, true), (10, true), (11, false)]) func bytesOfAFileAreBounded(_ count: Int, _ fits: Bool) throws {
        var limits = FileLimits()
        limits.maximumFileBytes = 10
        let world = try FileWorld(limits: limits)
        let id = try self.open(world, "f", "abc").decode(Chunk.self).upload
        let outcome = self.send(world, id, at: 3, String(repeating: "x", count: count - 3))
        #expect(outcome.code == (fits ? nil : .invalidData))
    }

    @Test(arguments: [(299, true), (300, false), (301, false)])
    func uploadExpires(_ seconds: Int64, _ isAlive: Bool) throws {
        let world = try FileWorld()
        let id = try self.open(world, "f", "abc").decode(Chunk.self).upload
        world.advance(seconds: 200)
        #expect(self.send(world, id, at: 3, "d").code == nil)
        world.advance(seconds: seconds)
        #expect(world.call("stat", ["path": ""]).code == nil)
        #expect(world.names(world.uploads).isEmpty == !isAlive)
        #expect(self.send(world, id, at: 4, "e").code == (isAlive ? nil : .notFound))
    }

    @Test func targetIsCheckedAtBothEnds() throws {
        let world = try FileWorld()
        try world.put("there", "old")
        let data: [String: Any] = ["data": "", "final": false, "create": "new"]
        #expect(world.call("write", data.merging(["path": "there"]) { $1 }).code == .conflict)
        let id = try world.call("write", data.merging(["path": "f"]) { $1 }).decode(Chunk.self).upload
        try world.put("f", "meanwhile")
        #expect(self.send(world, id, at: 0, "mine", final: true).code == .conflict)
        #expect(world.content("f") == "meanwhile")
        #expect(world.names(world.uploads).isEmpty)
        #expect(self.send(world, id, at: 0, "mine", final: true).code == .notFound)
    }

    @Test func uploadWhoseFileIsGoneFails() throws {
        let world = try FileWorld()
        let id = try self.open(world, "f", "abc").decode(Chunk.self).upload
        unlink(world.uploads + "/" + id)
        #expect(self.send(world, id, at: 3, "d").code == .failed)
        #expect(self.send(world, id, at: 3, "d").code == .notFound)
    }

    @Test func stopRemovesWhatIsOpen() throws {
        let world = try FileWorld()
        _ = try self.open(world, "f", "abc").decode(Chunk.self)
        world.service.stop()
        #expect(world.names(world.uploads).isEmpty)
    }
}
