import HydrogenProtocol
import HydrogenScenario
@testable import HydrogenSimulation
import Testing

/// Delta debugging finds the inputs that matter, whatever stands around them.
@Suite struct ShrinkerTests {
    /// A world in which a rule breaks once all of some inputs took place; a step and a fault need their client.
    static func attempt(_ inputs: [InputID], breakingWith needed: [InputID]) -> Shrinker.Attempt {
        { mask in
            var result = SimulationResult(seed: 1)
            let chosen: Set<InputID> =
                switch mask {
                case .all: Set(inputs)
                case .only(let ids): Set(ids)
                case .except(let ids): Set(inputs).subtracting(ids)
                }
            let taken = inputs.filter { input in
                chosen.contains(input)
                    && (input.source == .timeline || chosen.contains(InputID(.client, of: input.subject, number: 0)))
            }
            result.inputs = taken.map { InjectedInput(id: $0, at: Instant(nanoseconds: 0), text: "") }
            if Set(taken).isSuperset(of: needed) {
                result.violation = Violation(
                    rule: 5, text: "", at: Instant(nanoseconds: 3_000_000_000), step: 1, client: nil)
            }
            return result
        }
    }

    /// 20 clients with 40 steps and 9 faults each, and 10 entries of the timeline.
    static let inputs: [InputID] =
        (0..<20).flatMap { client in
            [InputID(.client, of: client, number: 0)]
                + (0..<40).map { InputID(.step, of: client, number: $0) }
                + (0..<9).map { InputID(.fault, of: client, number: $0) }
        } + (0..<10).map { InputID(.timeline, number: $0) }

    static let cases: [[String]] = [
        ["client:7"], ["client:7", "step:7:39"], ["client:0", "step:0:0", "fault:0:8", "timeline:9"],
        ["client:3", "step:3:1", "step:3:20", "client:19", "fault:19:0", "step:19:39"],
        ["timeline:0", "timeline:9"],
        (0..<9).map { "timeline:\($0)" } + ["client:1", "client:2", "step:1:1", "step:1:2", "step:2:3", "step:2:4"],
    ]

    @Test(arguments: cases) func whatMattersIsLeft(_ needed: [String]) throws {
        let ids = needed.compactMap { InputID(text: $0) }
        #expect(ids.count == needed.count)
        let outcome = try #require(
            Shrinker.shrink(
                lasting: .seconds(60), maximumRunCount: 2_000, attempt: Self.attempt(Self.inputs, breakingWith: ids)))
        #expect(outcome.inputs.map(\.id).sorted() == ids.sorted())
        #expect(outcome.originalCount == Self.inputs.count)
        #expect(outcome.duration == .seconds(4))
        #expect(outcome.runCount < 600)
    }

    @Test func whatDoesNotBreakIsNotShrunk() {
        let attempt = Self.attempt(Self.inputs, breakingWith: [InputID(.client, of: 99, number: 0)])
        #expect(Shrinker.shrink(lasting: .seconds(60), maximumRunCount: 2_000, attempt: attempt) == nil)
    }

    /// A bound on the runs leaves something larger that breaks all the same.
    @Test func runsAreBounded() throws {
        let ids = ["client:3", "step:3:1", "client:19", "step:19:39"].compactMap { InputID(text: $0) }
        let outcome = try #require(
            Shrinker.shrink(
                lasting: .seconds(60), maximumRunCount: 10, attempt: Self.attempt(Self.inputs, breakingWith: ids)))
        #expect(outcome.runCount == 10)
        #expect(Set(outcome.inputs.map(\.id)).isSuperset(of: ids))
    }

    /// What is saved can be read: up to as many inputs as a file may list, and beyond them without a list.
    @Test(arguments: [999, 1_000, 1_001]) func whatIsSavedIsRead(_ count: Int) throws {
        let run = Run(try scenario(FormatTests.minimal()), seed: 7, isSwarm: true)
        let ids = [InputID(.client, of: 0, number: 0)] + (1..<count).map { InputID(.step, of: 0, number: $0) }
        let attempt = Self.attempt(ids, breakingWith: ids)
        let outcome = try #require(Shrinker.shrink(lasting: .seconds(60), maximumRunCount: 20, attempt: attempt))
        #expect(outcome.inputs.count == count && outcome.isListed == (count <= 1_000))
        let saved = try scenario(outcome.scenario(of: run))
        #expect(saved.mask == (outcome.isListed ? .only(ids) : .all))
        #expect(saved.scenario.duration == (outcome.isListed ? .seconds(4) : .seconds(60)))
        #expect(saved.seeds == [7] && saved.isSwarm)
    }

    /// Whatever stands in what is told of the rule.
    @Test func aTextOfAnyKindIsSaved() throws {
        let run = Run(try scenario(FormatTests.minimal()), seed: 1, isSwarm: false)
        let inputs = [InputID(.client, of: 0, number: 0)]
        let attempt: Shrinker.Attempt = { mask in
            var result = Self.attempt(inputs, breakingWith: inputs)(mask)
            result.violation?.text = String(repeating: "\u{2060}\u{1f6d1}\"\u{2060}", count: 1_000)
            return result
        }
        let outcome = try #require(Shrinker.shrink(lasting: .seconds(60), maximumRunCount: 20, attempt: attempt))
        #expect(faults(outcome.scenario(of: run)) == [])
    }
}
