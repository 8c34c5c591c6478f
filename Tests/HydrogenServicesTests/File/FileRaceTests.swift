import Foundation
import HydrogenProtocol
import Testing

@testable import HydrogenServices

/// Another process puts links where the service walks, while it walks.
@Suite struct FileRaceTests {
    static let roundCount = 2000

    /// Runs `body` while a thread exchanges `name` in the root between what it is and a link to `target`.
    private func whileSwapping(_ world: FileWorld, _ name: String, with target: String, _ body: () -> Void) throws {
        let path = "\(world.root)/\(name)"
        try world.link("link", to: target)
        let isDone = Guarded(false)
        let swaps = Guarded(0)
        let swapper = try ServiceThread {
            while !isDone.withLock({ $0 }) {
                rename(path, world.root + "/aside")
                rename(world.root + "/link", path)
                rename(path, world.root + "/link")
                rename(world.root + "/aside", path)
                swaps.withLockNotifying { $0 += 1 }
            }
        }
        swaps.wait { $0 > 0 ? () : nil }
        body()
        isDone.withLock { $0 = true }
        swapper.join()
        #expect(swaps.withLock { $0 } > 10)
    }

    @Test func readNeverFollowsALinkInTheFilesPlace() throws {
        let world = try FileWorld()
        try world.put("file", "inside")
        var inside = 0
        try self.whileSwapping(world, "file", with: "../away/secret") {
            for _ in 0..<Self.roundCount {
                let outcome = world.call("read", ["path": "file", "encoding": "text"])
                if let part = try? outcome.decode(Part.self) {
                    #expect(part.data == "inside")
                    inside += 1
                } else {
                    #expect(outcome.code == .notFound)
                }
            }
        }
        #expect(inside > 0)
    }

    @Test func readNeverFollowsALinkInAFoldersPlace() throws {
        let world = try FileWorld()
        try world.put("folder/secret", "inside")
        var inside = 0
        try self.whileSwapping(world, "folder", with: "../away") {
            for _ in 0..<Self.roundCount {
                let outcome = world.call("read", ["path": "folder/secret", "encoding": "text"])
                if let part = try? outcome.decode(Part.self) {
                    #expect(part.data == "inside")
                    inside += 1
                } else {
                    #expect(outcome.code == .notFound)
                }
            }
        }
        #expect(inside > 0)
    }

    @Test func changesNeverLandOutside() throws {
        let world = try FileWorld()
        try world.put("folder/secret", "inside")
        try world.put("file", "inside")
        try self.whileSwapping(world, "folder", with: "../away") {
            for round in 0..<Self.roundCount / 10 {
                _ = world.call("write", ["path": "folder/secret", "data": "new", "encoding": "text"])
                _ = world.call("write", ["path": "folder/n\(round)", "data": "new", "encoding": "text", "parents": true])
                _ = world.call("move", ["from": "folder/secret", "to": "folder/moved\(round)", "parents": true])
                _ = world.call("delete", ["path": "folder/secret"])
                _ = world.call("list", ["path": "folder"])
            }
        }
        world.expectOutsideIsWhole()
        #expect(world.names(world.uploads).isEmpty)
    }
}
