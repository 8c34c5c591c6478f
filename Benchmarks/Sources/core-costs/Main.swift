import CoreScenarios

/// `core-costs list`, `core-costs run NAME ROUNDS`, `core-costs allocations NAME ROUNDS`: a scenario for callgrind, and
/// what it allocates.
@main
struct Main {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard let task = arguments.first, task != "list" else {
            for scenario in Scenario.all { print("\(scenario.unitsPerRound)\t\(scenario.unit)\t\(scenario.name)") }
            return
        }
        guard arguments.count == 3, let scenario = Scenario.all.first(where: { $0.name == arguments[2] }),
            let rounds = Int(arguments[3])
        else { return print("usage: core-costs list | run NAME ROUNDS | allocations NAME ROUNDS") }
        switch task {
        case "allocations": print(scenario.allocationCount(rounds: rounds))
        default: scenario.run(rounds)
        }
    }
}
