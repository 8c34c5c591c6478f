import HydrogenConfiguration
import HydrogenShard
import HydrogenStore
import HydrogenTransport
import Logging

/// The durable store of a server, and what each of its loops found in it.
struct ServerStore {
    let store: DurableStore
    let restored: [RestoredState]

    /// Opens the store of a configuration; nil where everything is kept in memory.
    static func open(
        _ configuration: Configuration, channels: [ChannelDefinition], loops: [LoopHandle], ledger: SharedLedger,
        logger: Logger
    ) throws(ServerError) -> ServerStore? {
        guard configuration.delivery.store == .durable, let path = configuration.delivery.storePath, !loops.isEmpty
        else { return nil }
        let store: DurableStore
        let contents: StoreContents
        do {
            (store, contents) = try DurableStore.open(
                StoreConfiguration(
                    path: path, loopCount: loops.count, channels: channels.map(\.name),
                    maxBytes: configuration.delivery.maxStoreBytes, maxRetained: configuration.maxRetained,
                    maxPublishKeys: configuration.delivery.maxPublishKeys),
                // Each loop keeps places for its answers: there is room.
                answer: { loop, answer in _ = loops[loop].post(.stored(answer)) },
                healthChanged: { logger.record($0) })
        } catch {
            throw .start(error.description)
        }
        ledger.raisePublishSequence(to: contents.lastSequence)
        logger.info(
            "store opened",
            metadata: ["path": "\(path)", "sessions": "\(contents.sessionCount)", "events": "\(contents.eventCount)"])
        if contents.lostRowCount > 0 {
            logger.warning(
                "events are missing in the store: their receivers are told of gaps",
                metadata: ["path": "\(path)", "count": "\(contents.lostRowCount)"])
        }
        return ServerStore(store: store, restored: contents.loops)
    }
}

extension Logger {
    fileprivate func record(_ health: StoreHealth) {
        switch health {
        case .works:
            self.notice("the store works again")
        case .fails(let reason):
            self.error("the store fails: guaranteed publishes are refused", metadata: ["reason": "\(reason)"])
        }
    }
}
