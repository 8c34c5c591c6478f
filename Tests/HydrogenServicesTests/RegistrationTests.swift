import Testing

@testable import HydrogenServices

struct Named: Service {
    let actions: [Action]

    init(_ names: [String]) { self.actions = names.map { Action($0, "") } }

    func handle(_ command: Command, reply: consuming Reply) { reply.succeed() }
}

@Suite struct RegistrationTests {
    @Test(arguments: ["a", "printer-farm", "a_1-b", String(repeating: "a", count: 63), String(repeating: "a", count: 64)])
    func channelNameIsTaken(_ name: String) throws {
        #expect(try ServiceRegistration(channel: name, service: Named([])).channel == name)
    }

    @Test(arguments: ["", "A", "1a", "-a", "a.b", "a b", "é", "a:b", "a\u{0}", String(repeating: "a", count: 65)])
    func channelNameIsRefused(_ name: String) {
        #expect(throws: RegistrationError.channelName(name)) {
            try ServiceRegistration(channel: name, service: Named([]))
        }
    }

    @Test(arguments: ["a", "job.start", "a.b.c-1", String(repeating: "a", count: 127), String(repeating: "a", count: 128)])
    func actionNameIsTaken(_ name: String) throws {
        #expect(try ServiceRegistration(channel: "a", service: Named([name])).actions.map(\.name) == [name])
    }

    @Test(arguments: ["", ".", "a.", ".a", "a..b", "A", "a.1", "*", "a b", String(repeating: "a", count: 129)])
    func actionNameIsRefused(_ name: String) {
        #expect(throws: RegistrationError.actionName(name)) {
            try ServiceRegistration(channel: "a", service: Named([name]))
        }
    }

    @Test(arguments: ["subscribe", "unsubscribe", "publish"]) func actionOfEveryChannelIsRefused(_ name: String) {
        #expect(throws: RegistrationError.reservedAction(name)) {
            try ServiceRegistration(channel: "a", service: Named([name]))
        }
    }

    @Test func actionTwiceIsRefused() {
        #expect(throws: RegistrationError.duplicateAction("b")) {
            try ServiceRegistration(channel: "a", service: Named(["b", "c", "b"]))
        }
    }

    @Test(arguments: [(255, true), (256, true), (257, false)]) func actionsAreBounded(_ count: Int, _ fits: Bool) {
        let service = Named((0..<count).map { "a\($0)" })
        #expect(((try? ServiceRegistration(channel: "a", service: service)) != nil) == fits)
    }

    @Test func permissionNamesChannelAndAction() {
        #expect(Action("job.start", "").permission(on: "printer-farm") == "printer-farm:job.start")
    }
}
