import Foundation
import HydrogenProtocol
import Testing

@testable import HydrogenServices

/// Nothing outside the root is reached, by whatever path, link or special file.
@Suite struct FileEscapeTests {
    /// Every action, with the path in each of its places.
    static func calls(_ path: String) -> [(action: String, data: [String: Any])] {
        [
            ("list", ["path": path]), ("stat", ["path": path]), ("read", ["path": path]),
            ("write", ["path": path, "data": ""]),
            ("write", ["path": path, "data": "", "parents": true]),
            ("write", ["path": path, "data": "", "final": false]), ("delete", ["path": path]),
            ("move", ["from": path, "to": "free"]), ("move", ["from": "file", "to": path, "overwrite": true]),
            ("move", ["from": "file", "to": path, "parents": true]),
        ]
    }

    @Test(arguments: FilePathTests.refused) func hostilePathIsInvalidEverywhere(_ path: String) throws {
        let world = try FileWorld()
        try world.put("file", "inside")
        for (action, data) in Self.calls(path) {
            #expect(world.call(action, data).code == .invalidData, "\(action) \(data)")
        }
        #expect(world.names(world.root) == [FileService.uploadsName, "file"])
        world.expectOutsideIsWhole()
    }

    @Test(arguments: ["delete", "read", "write", "move"]) func rootIsNoFile(_ action: String) throws {
        let world = try FileWorld()
        try world.put("file", "inside")
        let data: [String: Any] =
            action == "move" ? ["from": "", "to": "x"] : action == "write" ? ["path": "", "data": ""] : ["path": ""]
        #expect(world.call(action, data).code == .invalidData)
        #expect(world.call("move", ["from": "file", "to": ""]).code == .invalidData)
    }

    /// Links to a folder, a file and nothing; relative and absolute; and a path through each.
    static let links = ["../away", "../away/secret", "/etc", "/etc/passwd", ".", "..", "file", "/nowhere", "link"]

    @Test(arguments: Self.links) func linkIsNotThere(_ target: String) throws {
        let world = try FileWorld()
        try world.put("file", "inside")
        try world.link("link", to: target)
        for path in ["link", "link/secret", "link/passwd", "link/file", "link/away/secret"] {
            for (action, data) in Self.calls(path) where !(action == "move" && data["from"] as? String == "file") {
                let code = world.call(action, data).code
                // What would take the link's own place finds it taken.
                let isTarget = path == "link" && action == "write"
                #expect(code == (isTarget ? .conflict : .notFound), "\(action) \(data)")
            }
            for extra in ["overwrite", "parents"] {
                let code = world.call("move", ["from": "file", "to": path, extra: true]).code
                #expect(code == (path == "link" ? .conflict : .notFound))
            }
        }
        let items = try world.call("list", [:]).decode(Page.self).items
        #expect(items.map(\.name) == ["file"])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: world.root + "/link") == target)
        #expect(world.content("file") == "inside")
        #expect(world.names(world.uploads).isEmpty)
        world.expectOutsideIsWhole()
    }

    @Test func specialFilesAreNotThere() throws {
        let world = try FileWorld()
        try world.put("file", "inside")
        #expect(mkfifo(world.root + "/pipe", 0o600) == 0)
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A socket's path is short: it is made in the temporary folder, and moved.
        let short = "/tmp/h-\(UUID().uuidString.prefix(8))"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(short.utf8)) }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        #expect(isBound && rename(short, world.root + "/socket") == 0)
        for path in ["pipe", "socket"] {
            for (action, data) in Self.calls(path) {
                let isTarget = action == "write" || data["to"] as? String == path
                #expect(world.call(action, data).code == (isTarget ? .conflict : .notFound), "\(action) \(data)")
            }
        }
        #expect(try world.call("list", [:]).decode(Page.self).items.map(\.name) == ["file"])
    }

    /// A device node cannot be made without privilege; where it can, it is not there either.
    @Test func deviceIsNotThere() throws {
        let world = try FileWorld()
        guard mknod(world.root + "/null", S_IFCHR | 0o666, 0x103) == 0 else { return }
        #expect(world.call("read", ["path": "null"]).code == .notFound)
        #expect(world.call("write", ["path": "null", "data": ""]).code == .conflict)
    }

    @Test func temporaryFilesAreNotReachable() throws {
        let world = try FileWorld()
        let chunk = try world.call("write", ["path": "a", "data": "", "final": false]).decode(Chunk.self)
        #expect(world.names(world.uploads) == [chunk.upload])
        for (action, data) in Self.calls(FileService.uploadsName + "/" + chunk.upload) {
            #expect(world.call(action, data).code == .invalidData)
        }
        #expect(try world.call("list", [:]).decode(Page.self).items.isEmpty)
    }
}
