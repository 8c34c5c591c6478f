import ArgumentParser
import HydrogenConfiguration
import HydrogenStore

/// `hydrogen store`: looks after the file of the durable store while no server has it open.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Check and compact the file of the durable store.",
        discussion: "The file must not be in use by a server.",
        subcommands: [StoreCheckCommand.self, StoreCompactCommand.self])
}

/// Runs what reads or writes a store, and tells why it cannot.
func withStoreFaults<Result>(_ body: () throws(StoreError) -> Result) throws -> Result {
    do {
        return try body()
    } catch {
        Terminal.tell(VisibleText.escaped(error.description))
        throw ExitCode.failure
    }
}
