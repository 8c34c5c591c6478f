import ArgumentParser
import HydrogenConfiguration
import HydrogenStore

/// `hydrogen store compact FILE`: writes a store anew.
struct StoreCompactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Write a store anew, without free space; of a damaged one, what can be read.",
        discussion: """
            The new file takes the old one's place. A damaged file is kept beside it. Clients whose events are lost are told \
            so by system/gap when they come back.
            """)

    @Argument(help: ArgumentHelp("The store's file (Delivery.StorePath).", valueName: "file"))
    var file: String

    func run() throws {
        let done = try withStoreFaults { () throws(StoreError) in try StoreCompaction.compact(self.file) }
        for (table, count) in done.savedRows ?? [] { print("  \(table): \(count) rows saved") }
        if let damagedPath = done.damagedPath { print("the damaged file is \(VisibleText.escaped(damagedPath))") }
        print("\(VisibleText.escaped(self.file)): \(done.bytesBefore) bytes before, \(done.bytesAfter) after")
    }
}
