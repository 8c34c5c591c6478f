import Foundation
import HydrogenProtocol
import Testing

@testable import HydrogenServices

@Suite struct FileWriteTests {
    @Test func fileIsWrittenWhole() throws {
        let world = try FileWorld()
        let item = try world.call("write", ["path": "f", "data": "h\u{e9}", "encoding": "text"]).decode(Item.self)
        #expect(item.name == "f" && item.kind == "file" && item.size == 3)
        #expect(world.content("f") == "h\u{e9}")
        #expect(world.call("write", ["path": "f", "data": "AAEC"]).code == nil)
        #expect(FileManager.default.contents(atPath: world.root + "/f") == Data([0, 1, 2]))
        #expect(world.names(world.uploads).isEmpty)
        #expect(
            world.events.all == [
                "file/changed {\"path\":\"f\",\"change\":\"created\"}",
                "file/changed {\"path\":\"f\",\"change\":\"modified\"}",
            ])
    }

    @Test(arguments: ["A", "AA", "AAE", "AA=C", "A A=", "!!!!", "AAEC\n"]) func wrongBase64IsInvalid(_ data: String) throws {
        let world = try FileWorld()
        #expect(world.call("write", ["path": "f", "data": data]).code == .invalidData)
        #expect(world.names(world.root) == [FileService.uploadsName])
    }

    struct Creation: Sendable {
        var create: String, exists: Bool, code: ErrorCode?
    }

    @Test(arguments: [
        Creation(create: "always", exists: false, code: nil), Creation(create: "always", exists: true, code: nil),
        Creation(create: "new", exists: false, code: nil), Creation(create: "new", exists: true, code: .conflict),
        Creation(create: "never", exists: false, code: .notFound), Creation(create: "never", exists: true, code: nil),
        Creation(create: "maybe", exists: true, code: .invalidData),
    ])
    func creationIsAsAsked(_ row: Creation) throws {
        let world = try FileWorld()
        if row.exists { try world.put("f", "old") }
        let data = ["path": "f", "data": "new", "encoding": "text", "create": row.create]
        #expect(world.call("write", data).code == row.code)
        #expect(world.content("f") == (row.code == nil ? "new" : row.exists ? "old" : nil))
        #expect(world.names(world.uploads).isEmpty)
    }

    @Test func foldersAreMadeWhenAsked() throws {
        let world = try FileWorld()
        #expect(world.call("write", ["path": "a/b/f", "data": ""]).code == .notFound)
        #expect(world.call("write", ["path": "a/b/f", "data": "", "parents": true]).code == nil)
        #expect(world.content("a/b/f")?.isEmpty == true)
        #expect(world.call("write", ["path": "a/b/f/g", "data": "", "parents": true]).code == .notFound)
        #expect(world.call("write", ["path": "a/b", "data": ""]).code == .conflict)
        #expect(world.names(world.uploads).isEmpty)
    }

    @Test func permissionsOfTheFormerFileStay() throws {
        let world = try FileWorld()
        try world.put("f", "old")
        chmod(world.root + "/f", 0o640)
        #expect(world.call("write", ["path": "f", "data": ""]).code == nil)
        let attributes = try FileManager.default.attributesOfItem(atPath: world.root + "/f")
        #expect(attributes[.posixPermissions] as? Int == 0o640)
    }

    @Test(arguments: [(9, true), (10, true), (11, false)]) func sizeIsBounded(_ count: Int, _ fits: Bool) throws {
        var limits = FileLimits()
        limits.maximumFileBytes = 10
        let world = try FileWorld(limits: limits)
        let text = String(repeating: "x", count: count)
        #expect(world.call("write", ["path": "f", "data": text, "encoding": "text"]).code == (fits ? nil : .invalidData))
        #expect((world.content("f") == text) == fits)
    }

    @Test func eventWithoutAPlaceIsWarnedOf() throws {
        let world = try FileWorld(isStarted: false)
        let warnings = Collector<String>()
        try world.service.start(
            ServiceContext(
                channel: "file",
                runtime: .init(
                    maximumDataBytes: 1000, publish: { _ throws(PublishError) in throw .busy },
                    warn: { warnings.append($0) })))
        #expect(world.call("write", ["path": "f", "data": ""]).code == nil)
        #expect(warnings.all.count == 1)
    }

    @Test func rootThatIsNoFolderIsRefused() throws {
        let world = try FileWorld()
        try world.put("f", "")
        for path in [world.root + "/missing", world.root + "/f"] {
            #expect(throws: FileServiceError.self) { try FileService(root: path, maximumMessageBytes: 65536) }
        }
    }

    @Test func rootIsOneServersAtATime() throws {
        let world = try FileWorld()
        let other = try FileService(root: world.root, maximumMessageBytes: 65536)
        #expect(throws: FileServiceError.inUse) { try other.start(world.makeContext()) }
    }

    @Test func unfinishedFilesOfAnEarlierProcessAreRemoved() throws {
        let world = try FileWorld(isStarted: false)
        try world.put(FileService.uploadsName + "/left", "half")
        try world.service.start(world.makeContext())
        #expect(world.names(world.uploads).isEmpty)
    }
}
