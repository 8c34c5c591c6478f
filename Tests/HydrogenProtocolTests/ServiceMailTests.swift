import HydrogenProtocol
import Testing

/// What crosses between a loop and the thread of a service.
@Suite struct ServiceMailTests {
    private func request(service: Int = 1, slot: UInt32 = 3, generation: UInt32 = 4) -> ServiceRequest {
        ServiceRequest(
            service: service, loop: 2, slot: slot, generation: generation, channel: "file", action: "read",
            data: Array("{}".utf8), identity: "developer", session: "s0-1", deadline: Instant(nanoseconds: 5))
    }

    @Test func aRequestCarriesWhatItWasGiven() {
        let request = self.request()
        #expect(request.service == 1)
        #expect(request.loop == 2)
        #expect(request.slot == 3)
        #expect(request.generation == 4)
        #expect([request.channel, request.action, request.identity, request.session] == ["file", "read", "developer", "s0-1"])
        #expect(request.data == Array("{}".utf8))
        #expect(request.deadline == Instant(nanoseconds: 5))
    }

    static let answers: [ServiceAnswer] = [
        ServiceAnswer(slot: 3, generation: 4, outcome: .success(Array("{}".utf8))),
        ServiceAnswer(slot: 3, generation: 5, outcome: .success(Array("{}".utf8))),
        ServiceAnswer(slot: 2, generation: 4, outcome: .success(Array("{}".utf8))),
        ServiceAnswer(slot: 3, generation: 4, outcome: .success(Array(#"{"a":1}"#.utf8))),
        ServiceAnswer(slot: 3, generation: 4, outcome: .failure(.notFound, details: "")),
        ServiceAnswer(slot: 3, generation: 4, outcome: .failure(.failed, details: "")),
        ServiceAnswer(slot: 3, generation: 4, outcome: .failure(.failed, details: "x")),
    ]

    @Test func answersAreToldApartBySlotGenerationAndOutcome() {
        for (place, answer) in Self.answers.enumerated() {
            for (other, second) in Self.answers.enumerated() { #expect((answer == second) == (place == other)) }
        }
    }
}
