import HydrogenProtocol

/// How an event is published (PROTOCOL section 3).
package struct PublishOptions: Sendable, Hashable {
    package var isGuaranteed = false
    package var priority: Priority = .normal
    /// Kept as the last event of its action.
    package var isRetained = false
    /// The response tells how many sessions receive it.
    package var countsReceivers = false
    /// 1 to 128 bytes: the same key within five minutes publishes nothing. With one, the client sends the command again
    /// when a connection is lost before the answer.
    package var key: String?
    package var identity: String?
    package var session: String?
    /// To every session, subscribed or not.
    package var reachesAll = false

    package init() {}

    /// Appends the data of a `publish`.
    func append(action: Span<UInt8>, data: Span<UInt8>, to out: inout [UInt8]) {
        out.append("{\"action\":")
        out.append(jsonString: action)
        out.append(",\"data\":")
        out.append(data)
        if self.isGuaranteed { out.append(",\"guaranteed\":true") }
        if self.priority != .normal {
            out.append(",\"priority\":\"")
            out.append(self.priority.name)
            out.append("\"")
        }
        if self.isRetained { out.append(",\"retain\":true") }
        if self.countsReceivers { out.append(",\"count\":true") }
        if let key = self.key {
            out.append(",\"key\":")
            out.append(jsonString: key)
        }
        self.appendAudience(to: &out)
        out.append(UInt8(ascii: "}"))
    }

    private func appendAudience(to out: inout [UInt8]) {
        guard self.identity != nil || self.session != nil || self.reachesAll else { return }
        var separator: StaticString = ",\"to\":{"
        if let identity = self.identity {
            out.append(separator)
            out.append("\"identity\":")
            out.append(jsonString: identity)
            separator = ","
        }
        if let session = self.session {
            out.append(separator)
            out.append("\"session\":")
            out.append(jsonString: session)
            separator = ","
        }
        if self.reachesAll {
            out.append(separator)
            out.append("\"all\":true")
        }
        out.append("}")
    }
}
