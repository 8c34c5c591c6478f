import ArgumentParser
import HydrogenConfiguration
import HydrogenStore

/// `hydrogen store check FILE`: what is in a store, and whether it is sound.
struct StoreCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell what a store holds, and everything that is wrong with it.",
        discussion: "Looks at each page and each row, and changes nothing. Ends with 1 if something is wrong.")

    @Argument(help: ArgumentHelp("The store's file (Delivery.StorePath).", valueName: "file"))
    var file: String

    func run() throws {
        let check = try withStoreFaults { () throws(StoreError) in try StoreCheck(self.file) }
        print("\(VisibleText.escaped(self.file)): schema \(check.schemaVersion), \(check.fileBytes) bytes")
        for (name, count) in [
            ("sessions", check.sessionCount), ("subscriptions", check.subscriptionCount),
            ("events", check.eventCount), ("events waiting for an ack", check.outboxRowCount),
            ("retained events", check.retainedCount), ("publish keys", check.publishKeyCount),
        ] {
            print("  \(name): \(count)")
        }
        for fault in check.faults { Terminal.tell(VisibleText.escaped(fault)) }
        guard check.faults.isEmpty else {
            Terminal.tell("damaged: `hydrogen store compact \(VisibleText.escaped(self.file))` saves what can be read")
            throw ExitCode.failure
        }
        print("sound")
    }
}
