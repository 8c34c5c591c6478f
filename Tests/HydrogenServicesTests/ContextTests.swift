import Testing

@testable import HydrogenServices

@Suite struct ContextTests {
    let events = Collector<ServiceEvent>()

    func makeContext(maximumDataBytes: Int = 1000, refusal: PublishError? = nil) -> ServiceContext {
        ServiceContext(
            channel: "farm",
            runtime: .init(
                maximumDataBytes: maximumDataBytes,
                publish: { [events] event throws(PublishError) in
                    if let refusal { throw refusal }
                    events.append(event)
                }, warn: { _ in }))
    }

    @Test func eventIsOnTheChannel() throws {
        let options = EventOptions(guaranteed: true, priority: .high, retain: true, key: "k")
        try self.makeContext().publish(action: "job.done", data: ["id": 7], options: options)
        try self.makeContext().publish(action: "job.done", json: Array("{}".utf8))
        #expect(
            self.events.all == [
                ServiceEvent(channel: "farm", action: "job.done", data: Array("{\"id\":7}".utf8), options: options),
                ServiceEvent(channel: "farm", action: "job.done", data: Array("{}".utf8), options: EventOptions()),
            ])
    }

    @Test func refusalReachesTheService() {
        #expect(throws: PublishError.busy) {
            try self.makeContext(refusal: .busy).publish(action: "a", data: ["id": 7])
        }
    }

    @Test(arguments: ["", "A", "a..b"]) func actionIsChecked(_ action: String) {
        #expect(throws: PublishError.invalidAction) { try self.makeContext().publish(action: action, data: ["a": 1]) }
    }

    @Test(arguments: ["[]", "{", "1"]) func dataIsChecked(_ text: String) {
        #expect(throws: PublishError.self) { try self.makeContext().publish(action: "a", json: Array(text.utf8)) }
        #expect(self.events.all.isEmpty)
    }

    @Test(arguments: [(19, true), (20, true), (21, false)]) func dataIsBounded(_ count: Int, _ fits: Bool) {
        let text = "{\"a\":\"" + String(repeating: "x", count: count - 8) + "\"}"
        let context = self.makeContext(maximumDataBytes: 20)
        try? context.publish(action: "a", json: Array(text.utf8))
        #expect(self.events.all.count == (fits ? 1 : 0))
    }

    @Test(arguments: [(0, false), (1, true), (127, true), (128, true), (129, false)])
    func keyIsBounded(_ count: Int, _ fits: Bool) {
        let options = EventOptions(key: String(repeating: "k", count: count))
        try? self.makeContext().publish(action: "a", data: ["a": 1], options: options)
        #expect(self.events.all.count == (fits ? 1 : 0))
    }
}
