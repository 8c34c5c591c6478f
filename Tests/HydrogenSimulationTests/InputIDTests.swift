import Testing

@testable import HydrogenSimulation

@Suite struct InputIDTests {
    @Test(arguments: [
        InputID(.client, of: 12, number: 0), InputID(.step, of: 0xff_ffff, number: 3), InputID(.fault, number: 7),
        InputID(.timeline, number: 1),
    ])
    func theTextNamesTheInput(_ id: InputID) {
        #expect(InputID(text: id.text) == id)
    }

    @Test(arguments: ["", "client", "client:", "client:1:2", "step:1", "nobody:1", "step:-1:2", "client:16777216"])
    func otherTextsNameNone(_ text: String) {
        #expect(InputID(text: text) == nil)
    }
}
