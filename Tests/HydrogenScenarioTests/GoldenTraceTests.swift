import HydrogenConfiguration
import HydrogenProtocol
import HydrogenScenario
import HydrogenThreads
import Testing

/// Small runs whose traces must not change unnoticed. The end-to-end suite compares the same files with the release
/// build. Where a change is wanted, the test run with UPDATE_GENERATED=1 writes them anew.
@Suite struct GoldenTraceTests {
    static let names = ["life", "limits", "storm"]

    static func run(_ name: String) throws -> Run {
        let file = try ScenarioFile.load(from: "\(packageRoot)/Simulations/golden/\(name).json")
        return Run(file, seed: file.seeds[0], isSwarm: file.isSwarm)
    }

    static func trace(_ run: Run) -> String {
        let bytes = Guarded<[UInt8]>([])
        let writer = TraceWriter { (piece: [UInt8]) throws(Never) in bytes.withLock { $0 += piece } }
        _ = writer.write(run)
        return String(decoding: bytes.withLock { $0 }, as: UTF8.self)
    }

    @Test(arguments: names) func golden(_ name: String) throws {
        let run = try Self.run(name)
        #expect(run.result().violation == nil)
        let trace = Self.trace(run)
        #expect(try isCurrent("Simulations/golden/\(name).trace", trace), "run this test with UPDATE_GENERATED=1")
        #expect(trace == Self.trace(run), "the same seed gives the same bytes")
        #expect(trace.utf8.count < 200_000)
    }

    /// A trace repeats itself, from what it holds alone; every damage is found at its line.
    @Test func replay() throws {
        let trace = Self.trace(try Self.run("limits"))
        let lines = trace.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        func difference(_ lines: [Substring], end: String = "\n") throws -> TraceReplay.Difference? {
            try TraceReplay(Array((lines.joined(separator: "\n") + end).utf8), path: "x").difference()
        }
        let whole = Array(lines)
        #expect(try difference(whole) == nil)
        let middle = whole.count / 2
        let text = String(whole[middle])
        var changed = whole
        changed[middle] = "nonsense"
        #expect(
            try difference(changed)
                == TraceReplay.Difference(line: middle + 1, recorded: "nonsense", repeated: text))
        changed = whole
        changed.remove(at: middle)
        #expect(try difference(changed)?.line == middle + 1)
        changed = whole
        changed.insert("nonsense", at: whole.count - 1)
        #expect(
            try difference(changed)
                == TraceReplay.Difference(line: whole.count, recorded: "nonsense", repeated: nil))
        changed = whole
        changed.remove(at: whole.count - 2)
        #expect(try difference(changed)?.recorded == nil)
        // One that was cut is compared as far as it goes.
        #expect(try difference(Array(whole.prefix(middle)), end: "\n123 4.5 cli") == nil)
        #expect(try TraceReplay(Array(trace.utf8.prefix(trace.utf8.count / 2)), path: "x").isWhole == false)
        #expect(throws: ConfigurationFaults.self) { try TraceReplay(Array("hydrogen-trace 1\n".utf8), path: "x") }
        #expect(throws: ConfigurationFaults.self) { try TraceReplay(Array("other\n{}\n".utf8), path: "x") }
    }
}
