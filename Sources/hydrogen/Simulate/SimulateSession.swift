import ArgumentParser
import Glibc
import HydrogenConfiguration
import HydrogenScenario
import HydrogenSimulation
import HydrogenThreads

/// A file that a closure holds.
private final class TraceOutput: Sendable {
    let file: OpenFile

    init(_ file: consuming OpenFile) { self.file = file }
}

/// Does what one command line asks for, and tells about it.
struct SimulateSession {
    let jobs: Int
    /// As it was given.
    let command: String
    let tracePath: String?
    let reportPath: String?

    /// - Parameter runs: of each file.
    func run(_ runs: [[Run]], of files: [ScenarioFile]) throws -> [Tally] {
        let tallies = try self.tracePath.map { try [Self.traced(runs[0][0], to: $0)] } ?? self.swarm(runs, of: files)
        for tally in tallies { SimulateTable.show(tally) }
        // Shrinking takes its time.
        fflush(nil)
        let shrunk = tallies.map { tally in tally.broken.first.flatMap { self.shrink($0) } }
        if let reportPath { try self.report(zip(tallies, shrunk), to: reportPath) }
        return tallies
    }

    private func swarm(_ runs: [[Run]], of files: [ScenarioFile]) -> [Tally] {
        let runs = runs.enumerated().flatMap { place, runs in runs.map { (place: place, run: $0) } }
        let tallies = Guarded(files.map(Tally.init))
        let progress = SimulateProgress(runCount: runs.count)
        let show = progress.map { progress -> @Sendable (Int) -> Void in { progress.show(perMille: $0) } }
        Runner(jobs: self.jobs, progress: show).run(runs.map(\.run)) { index, outcome in
            tallies.withLock { $0[runs[index].place].add(outcome) }
            progress?.finishedRun()
        }
        progress?.clear()
        return tallies.withLock { $0 }
    }

    /// One run with its trace.
    static func traced(_ run: Run, to path: String) throws -> Tally {
        var tally = Tally(run.file)
        do throws(FileError) {
            let output = TraceOutput(try SafeFile.create(path, replacing: true))
            let writer = TraceWriter { bytes throws(FileError) in try output.file.append(bytes) }
            tally.add(try Runner.timed(run) { run throws(FileError) in try writer.write(run) })
        } catch {
            Terminal.tell(error.description)
            throw ExitCode.failure
        }
        return tally
    }

    /// Shrinks a run that broke a rule, and saves what is left; nil where that cannot be.
    private func shrink(_ outcome: RunOutcome) -> String? {
        guard let shrunk = Shrinker.shrink(outcome.run) else {
            print("  shrunk    not: more inputs than can be recorded, or they do not suffice by themselves")
            return nil
        }
        let name = "\(outcome.run.file.scenario.name)-\(outcome.run.seed).json"
        for path in [name, "/tmp/\(name)"] {
            do {
                try SafeFile.replace(path, with: Array(shrunk.scenario(of: outcome.run).utf8), mode: 0o644)
                print(
                    "  shrunk    \(FigureText.count(UInt64(shrunk.inputs.count))) of "
                        + "\(FigureText.count(UInt64(shrunk.originalCount))) inputs are left, after "
                        + "\(FigureText.count(UInt64(shrunk.runCount))) runs"
                        + "\(shrunk.isListed ? "" : ", too many to list: saved with all of them"): hydrogen simulate \(path)")
                for input in shrunk.inputs.prefix(20) { print("            \(input.id.text)  \(VisibleText.escaped(input.text))") }
                return path
            } catch {
                Terminal.tell(error.description)
            }
        }
        return nil
    }

    private func report(_ tallies: some Sequence<(Tally, String?)>, to path: String) throws {
        let runs = tallies.compactMap { tally, shrunk -> ReportRun? in
            guard let shown = tally.shown else { return nil }
            let outcome = Runner.timed(shown.run) { run in
                run.result { $0.followedClients = run.followedClients(with: shown.result.violation?.client) }
            }
            return ReportRun(tally, outcome, shrunkPath: shrunk)
        }
        do {
            let page = ReportPage.html(runs, command: VisibleText.escaped(self.command))
            try SafeFile.replace(path, with: Array(page.utf8), mode: 0o644)
        } catch {
            Terminal.tell(error.description)
            throw ExitCode.failure
        }
    }
}
