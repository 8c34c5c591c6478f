import ArgumentParser
import HydrogenConfiguration
import HydrogenScenario

/// One repetition of a simulation's trace, told on the terminal.
struct TraceRepetition {
    let path: String
    /// Where to write the trace of the repetition.
    let trace: String?

    /// Whether a file begins as a trace does.
    static func isTrace(_ path: String) -> Bool {
        guard let file = try? SafeFile.open(path), let bytes = try? file.next(TraceText.magic.utf8.count + 1) else {
            return false
        }
        return TraceText.isTrace(bytes.span)
    }

    func run() throws {
        let name = VisibleText.escaped(self.path)
        let replay: TraceReplay
        do {
            replay = try TraceReplay(try SafeFile.read(self.path, atMost: .max), path: self.path)
        } catch let faults as ConfigurationFaults {
            for fault in faults.faults { Terminal.tell(fault.description) }
            throw ExitCode.badConfiguration
        } catch {
            Terminal.tell("\(error)")
            throw ExitCode.badConfiguration
        }
        print("\(name): scenario \(replay.run.file.scenario.name), seed \(replay.run.seed)")
        if let trace { _ = try SimulateSession.traced(replay.run, to: trace) }
        guard let difference = replay.difference() else {
            print("\(name): no difference in \(replay.lineCount) steps")
            if !replay.isWhole {
                Terminal.tell("\(name): it has no end: it was cut, and what there is was compared")
            }
            return
        }
        Terminal.tell("\(name): DIFFERENCE at line \(difference.line)")
        Terminal.tell("  recorded  \(difference.recorded ?? "nothing")")
        Terminal.tell("  repeated  \(difference.repeated ?? "nothing")")
        throw ExitCode.failure
    }
}
