import HydrogenProtocol

/// A subscription of a script, ready to be recognised on the wire and compared with events. The comparison is another
/// one than the server's: by the grammar of the documents, without an index.
struct CompiledSubscription: Sendable {
    let channel: Int
    let channelName: [UInt8]
    let topicText: String
    /// The data of the command.
    let data: [UInt8]
    /// How a message ends that asks for it.
    let suffix: [UInt8]
    let conflates: Bool
    let isGuaranteed: Bool
    private let topic: [ArraySlice<UInt8>]
    private let filter: SubscribePlan.FilterPlan?

    init(_ plan: SubscribePlan, channelName: String) {
        self.channel = plan.channel
        self.channelName = Array(channelName.utf8)
        self.filter = plan.filter
        self.conflates = (plan.conflate ?? .zero) > .zero
        self.isGuaranteed = plan.isGuaranteed
        self.topicText = plan.topic
        self.topic = Array(plan.topic.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        var data: [UInt8] = []
        data.append("{\"topic\":")
        data.append(jsonString: plan.topic)
        switch plan.filter {
        case .kind(let kind):
            data.append(",\"filter\":{\"kind\":")
            data.append(decimal: Int64(kind))
            data.append("}")
        case .kindAtLeast(let kind):
            data.append(",\"filter\":{\"kind\":{\"gte\":")
            data.append(decimal: Int64(kind))
            data.append("}}")
        case nil:
            break
        }
        if let priority = plan.priority {
            data.append(",\"priority\":\"")
            data.append(priority.name)
            data.append("\"")
        }
        if plan.isGuaranteed { data.append(",\"guaranteed\":true") }
        if let conflate = plan.conflate {
            data.append(",\"conflate_ms\":")
            data.append(decimal: conflate.milliseconds)
        }
        data.append("}")
        self.data = data
        var suffix: [UInt8] = []
        suffix.append("\"channel\":")
        suffix.append(jsonString: channelName)
        suffix.append(",\"action\":\"subscribe\",\"data\":")
        suffix.append(contentsOf: data)
        suffix.append("}")
        self.suffix = suffix
    }

    func matches(_ publish: Publish) -> Bool {
        publish.channel == self.channel && self.matchesTopic(publish.action) && self.passes(publish.kind)
    }

    func matches(_ event: WrittenEvent) -> Bool {
        event.channel == self.channelName && self.matchesTopic(event.action) && (event.kind.map(self.passes) ?? true)
    }

    private func passes(_ kind: Int) -> Bool {
        switch self.filter {
        case .kind(let wanted): kind == wanted
        case .kindAtLeast(let least): kind >= least
        case nil: true
        }
    }

    /// Segment by segment: `*` is exactly one, `**` at the end one or more.
    private func matchesTopic(_ action: [UInt8]) -> Bool {
        var place = 0
        var start = 0
        while place < self.topic.count {
            let segment = self.topic[place]
            if start > action.count { return false }
            if segment.elementsEqual("**".utf8) { return start < action.count }
            let end = action[start...].firstIndex(of: UInt8(ascii: ".")) ?? action.count
            guard segment.elementsEqual("*".utf8) || segment.elementsEqual(action[start..<end]) else { return false }
            start = end + 1
            place += 1
        }
        return start > action.count
    }
}

/// What an event on the wire says, as far as the oracle needs it.
struct WrittenEvent: CustomStringConvertible {
    var channel: [UInt8]
    var action: [UInt8]
    /// `kind` of its data.
    var kind: Int?
    /// `n` of its data: the number of the publish.
    var publish: UInt32?
    var isRetained: Bool
    /// Which sending it is, from 1.
    var attempt: Int32
    /// 0: not guaranteed.
    var offset: Int64
    /// Of its id.
    var hash: UInt64

    var description: String {
        let number = self.publish.map { "\($0)" } ?? "of the server"
        let name = "\(String(decoding: self.channel, as: UTF8.self))/\(String(decoding: self.action, as: UTF8.self))"
        return "\(number) on \(name)\(self.kind.map { " of kind \($0)" } ?? "")"
    }
}
