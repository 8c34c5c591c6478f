import HydrogenProtocol
import Testing

@testable import HydrogenClientCore

/// The machine against its declaration, over the whole product of kinds and events.
@Suite struct StateTableTests {
    @Test(arguments: Kind.allCases, EventKind.allCases)
    func everyPairIsDecided(_ from: Kind, _ event: EventKind) throws {
        let rows = ClientStateTable.rows.filter { $0.from == from && $0.event == event }
        var tried: Set<Row> = []
        for situation in Situation.all(of: from) {
            for trial in Trial.all(of: event, in: situation) {
                let applying = rows.filter { situation.satisfies($0.condition, trial.event, at: trial.now) }
                let row = try #require(applying.first, "no row for \(trial) in \(situation)")
                #expect(applying.count == 1, "\(applying) for \(trial) in \(situation)")
                tried.insert(row)
                self.expect(row, situation, trial)
            }
        }
        #expect(tried == Set(rows), "rows that nothing tried")
        #expect(!rows.isEmpty)
    }

    private func expect(_ row: Row, _ situation: Situation, _ trial: Trial) {
        var machine = situation.machine
        let action = machine.receive(trial.event, at: trial.now, situation.settings)
        #expect(machine.kind == row.to, "\(trial) in \(situation)")
        switch row.outcome {
        case .handled(_, let kind): #expect(action.kind == kind, "\(trial) in \(situation)")
        case .ignored(let reason):
            #expect(action == .ignored(reason), "\(trial) in \(situation)")
            #expect(machine == situation.machine)
        case .programmingError(let error):
            #expect(action == .programmingError(error), "\(trial) in \(situation)")
            #expect(machine == situation.machine)
        }
    }

    @Test(arguments: Kind.allCases) func deadlinesAreThose(_ kind: Kind) {
        for situation in Situation.all(of: kind) {
            #expect(situation.machine.deadline(situation.settings) == situation.deadline, "\(situation)")
        }
    }

    @Test(arguments: EventKind.allCases) func eventsNameTheirKinds(_ kind: EventKind) {
        for event in Trial.events(of: kind) { #expect(event.kind == kind) }
    }

    @Test func valuesAreSmall() {
        #expect(MemoryLayout<Machine>.stride <= 56)
        #expect(MemoryLayout<ClientEffect>.stride <= 24)
        #expect(MemoryLayout<ClientCore>.stride <= 640)
    }
}
