import Foundation
import HydrogenProtocol
import HydrogenThreads
import Testing

@testable import HydrogenServices

/// Another process puts links where the service walks, while it walks.
@Suite struct FileRaceTests {
    static let roundCount = 2000

    /// Runs `body` while a thread does `swap` again and again.
    private func whileSwapping(_ swap: @escaping @Sendable () -> Void, _ body: () -> Void) throws {
        let isDone = Guarded(false)
        let swapCount = Guarded(0)
        let swapper = try SystemThread {
            while !isDone.withLock({ $0 }) {
                swap()
                swapCount.withLockNotifying { $0 += 1 }
            }
        }
        swapCount.wait { $0 > 0 ? () : nil }
        body()
        isDone.withLock { $0 = true }
        swapper.join()
        #expect(swapCount.withLock { $0 } > 10)
    }

    /// The folder goes aside, a link takes its name, and back.
    private func swapFolder(_ world: FileWorld, _ name: String) throws -> @Sendable () -> Void {
        let (path, link, aside) = ("\(world.root)/\(name)", world.root + "/link", world.root + "/aside")
        try world.link("link", to: "../away")
        return {
            rename(path, aside)
            rename(link, path)
            rename(path, link)
            rename(aside, path)
        }
    }

    /// A link takes the file's place in one step, and the file the link's: there is always one of the two, so that it
    /// can change between any two looks.
    private func swapFile(_ world: FileWorld, _ name: String) -> @Sendable () -> Void {
        let (path, spare, next) = ("\(world.root)/\(name)", world.folder + "/spare", world.folder + "/next")
        link(path, spare)
        return {
            symlink("../away/secret", next)
            rename(next, path)
            link(spare, next)
            rename(next, path)
        }
    }

    @Test func readNeverFollowsALinkInTheFilesPlace() throws {
        let world = try FileWorld()
        try world.put("file", "inside")
        try self.expectOnlyInside(world, "file", while: self.swapFile(world, "file"))
    }

    @Test func readNeverFollowsALinkInAFoldersPlace() throws {
        let world = try FileWorld()
        try world.put("folder/secret", "inside")
        try self.expectOnlyInside(world, "folder/secret", while: self.swapFolder(world, "folder"))
    }

    /// Reads a file again and again while it is swapped: it is read as it is inside, or not found.
    private func expectOnlyInside(_ world: FileWorld, _ path: String, while swap: @escaping @Sendable () -> Void) throws {
        var inside = 0
        try self.whileSwapping(swap) {
            for _ in 0..<Self.roundCount {
                let outcome = world.call("read", ["path": path, "encoding": "text"])
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
        try self.whileSwapping(self.swapFolder(world, "folder")) {
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
