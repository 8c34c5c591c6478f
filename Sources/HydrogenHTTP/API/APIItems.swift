import HydrogenProtocol
import HydrogenShard

extension ConnectionDescription {
    /// Names it over all loops.
    var listID: String { "\(self.loop).\(self.id.slot).\(self.id.generation)" }
}

extension BlockDescription {
    /// The address, with the identity that is blocked there.
    var listID: String {
        let address = self.addressText
        return self.offender.identity.map { "\(address)/\($0)" } ?? address
    }

    fileprivate var addressText: String {
        NetworkAddress(high: self.offender.address.high, low: self.offender.address.low).text
    }
}

/// The items of lists, as JSON.
extension [UInt8] {
    mutating func append(_ connection: ConnectionDescription) {
        self.append("{\"id\":")
        self.append(jsonString: connection.listID)
        self.append(",\"session\":")
        self.append(nonEmpty: connection.session)
        self.append(",\"identity\":")
        self.append(jsonString: connection.identity)
        self.append(",\"address\":")
        let address = NetworkAddress(high: connection.peer.high, low: connection.peer.low)
        self.append(jsonString: address.text)
        self.append(",\"state\":")
        self.append(jsonString: connection.state)
        self.append(",\"since\":\"")
        self.append(time: connection.since)
        self.append("\",\"queue_bytes\":")
        self.append(decimal: Int64(connection.queuedBytesCount))
        self.append(",\"outbox_bytes\":")
        if let count = connection.outboxByteCount { self.append(decimal: Int64(count)) } else { self.append("null") }
        self.append(",\"buffer_bytes\":")
        self.append(decimal: Int64(connection.inboundByteCount))
        self.append(",\"references\":")
        self.append(decimal: Int64(connection.referenceCount))
        self.append(",\"messages\":{\"received\":")
        self.append(decimal: Int64(clamping: connection.receivedCount))
        self.append(",\"sent\":")
        self.append(decimal: Int64(clamping: connection.sentCount))
        self.append("}}")
    }

    mutating func append(_ session: SessionDescription) {
        self.append("{\"id\":")
        self.append(jsonString: session.id)
        self.append(",\"identity\":")
        self.append(jsonString: session.identity)
        self.append(",\"state\":")
        self.append(session.isLive ? "\"live\"" : "\"detached\"")
        self.append(",\"subscriptions\":")
        self.append(decimal: Int64(session.subscriptionCount))
        self.append(",\"outbox_events\":")
        self.append(decimal: Int64(session.outboxEventCount))
        self.append(",\"outbox_bytes\":")
        self.append(decimal: Int64(session.outboxByteCount))
        self.append(UInt8(ascii: "}"))
    }

    mutating func append(_ block: BlockDescription) {
        self.append("{\"id\":")
        self.append(jsonString: block.listID)
        self.append(",\"address\":")
        self.append(jsonString: block.addressText)
        self.append(",\"identity\":")
        self.append(nonEmpty: block.offender.identity ?? "")
        self.append(",\"reason\":")
        self.append(jsonString: block.reason.label)
        self.append(",\"since\":\"")
        self.append(time: block.since)
        self.append("\",\"until\":\"")
        self.append(time: WallTime(milliseconds: block.since.milliseconds + block.duration.milliseconds))
        self.append("\"}")
    }

    private mutating func append(nonEmpty text: String) {
        if text.isEmpty { self.append("null") } else { self.append(jsonString: text) }
    }

    private mutating func append(time: WallTime) {
        var writer = TimestampWriter()
        writer.append(time, to: &self)
    }
}
