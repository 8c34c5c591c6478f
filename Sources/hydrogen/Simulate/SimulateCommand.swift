import ArgumentParser
import Foundation
import HydrogenConfiguration
import HydrogenScenario

/// `hydrogen simulate SCENARIO…`: finds out what happens, before it does.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the server's core in a simulated world: years in minutes.",
        discussion: """
            A scenario says who connects, what goes wrong, and what is expected; Documentation/Simulation.md tells how to \
            write one, Simulations/ has many. The same scenario and seed give the same run, on every machine.

            Ends with 0; with 1 if an expectation failed; with 2 if a rule of the server's own was broken: then the run is \
            shrunk to the few inputs that break it, and saved as a scenario file that repeats it; with 78 for a scenario or a \
            configuration that is not right.
            """)

    @Argument(help: ArgumentHelp("Scenario files.", valueName: "scenario"))
    var scenarios: [String]

    @Option(help: ArgumentHelp("The seed instead of those of the scenario.", valueName: "n"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Run a swarm: so many seeds, from --seed or 1 on, each with a random part of the scenario's faults.",
            valueName: "count"))
    var seeds: Int?

    @Option(help: ArgumentHelp("Runs at a time; as many as there are processors if absent.", valueName: "n"))
    var jobs: Int?

    @Option(help: ArgumentHelp("The configuration to try, instead of those of the scenarios.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Write a line for each step, of a single run.", valueName: "file"))
    var trace: String?

    @Option(help: ArgumentHelp("Write a page with curves, of one run of each scenario.", valueName: "file"))
    var report: String?

    static let maximumSeedCount = 100_000_000

    func validate() throws {
        if let seeds, !(1...Self.maximumSeedCount).contains(seeds) {
            throw ValidationError("--seeds: 1 to \(Self.maximumSeedCount)")
        }
        if let seeds, (self.seed ?? 1) > UInt64.max - UInt64(seeds) {
            throw ValidationError("--seed: there are not so many seeds behind it")
        }
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs: 1 to 256") }
    }

    func run() throws {
        let files = try self.load()
        let runs = files.map(self.runs)
        let count = runs.reduce(0) { $0 + $1.count }
        if self.trace != nil, count != 1 {
            throw ValidationError("--trace: one run has a trace, and these are \(count); name one scenario and one --seed")
        }
        let session = SimulateSession(
            jobs: self.jobs ?? ProcessInfo.processInfo.activeProcessorCount, command: Self.commandLine,
            tracePath: self.trace, reportPath: self.report)
        let tallies = try session.run(runs, of: files)
        if tallies.contains(where: { $0.brokenCount > 0 }) { throw ExitCode.brokenRule }
        if tallies.contains(where: { $0.missedCount > 0 }) { throw ExitCode.failure }
    }

    /// Reads all files, or tells every fault of each.
    private func load() throws -> [ScenarioFile] {
        let configuration = try self.config.map { try Configuration.loadOrExit($0, checkingFiles: false) }
        var files: [ScenarioFile] = []
        var isRight = true
        for path in self.scenarios {
            do {
                var file = try ScenarioFile.load(from: path, configuration: configuration)
                file.configurationPath = self.config
                files.append(file)
            } catch {
                isRight = false
                let prefix = self.scenarios.count > 1 ? "\(VisibleText.escaped(path)): " : ""
                for fault in error.faults { Terminal.tell(prefix + fault.description) }
            }
        }
        guard isRight else { throw ExitCode.badConfiguration }
        return files
    }

    private func runs(of file: ScenarioFile) -> [Run] {
        if let seeds {
            let first = self.seed ?? 1
            return (0..<UInt64(seeds)).map { Run(file, seed: first + $0, isSwarm: true) }
        }
        let seeds = self.seed.map { [$0] } ?? file.seeds
        return seeds.map { Run(file, seed: $0, isSwarm: file.isSwarm) }
    }

    /// The command as it was given, for the report.
    private static var commandLine: String {
        (["hydrogen"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    }
}
