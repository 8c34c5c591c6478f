import Foundation

/// Runs a plan.
package enum BenchRun {
    /// How a run stands.
    package struct Progress: Sendable {
        package var openCount: Int
        package var workCount: Int
        /// Of the last interval.
        package var workPerSecond: Double
    }

    /// - Parameters:
    ///   - threadCount: how many threads share the connections.
    ///   - progress: called about once a second.
    package static func run(
        _ plan: BenchPlan, threadCount: Int, progress: (Progress) -> Void
    ) throws(BenchError) -> BenchReport {
        // The publisher comes on top of the subscribers.
        let publisherCount = plan.mode == .fanout ? 1 : 0
        let board = RunBoard(plan, connectionCount: plan.connectionCount + publisherCount, threadCount: threadCount)
        if let process = plan.serverProcess, BenchClock.cpu(ofProcess: process) == nil { throw .process(process) }
        for thread in 0..<threadCount {
            let share = plan.connectionCount / threadCount + (thread < plan.connectionCount % threadCount ? 1 : 0)
            let count = share + (thread == 0 ? publisherCount : 0)
            Thread { board.finish(self.run(plan, thread: thread, connectionCount: count, board)) }.start()
        }
        let outcomes = self.wait(for: board, progress)
        for outcome in outcomes { if let failure = outcome.failure { throw failure } }
        return BenchReport(plan, outcomes.map(\.measurement))
    }

    /// A thread's part.
    private static func run(_ plan: BenchPlan, thread: Int, connectionCount: Int, _ board: RunBoard) -> EngineOutcome {
        do throws(BenchError) {
            let engine =
                switch plan.mode {
                case .command: try CommandLoad(plan, thread: thread, connectionCount: connectionCount, board: board)
                case .fanout: try FanOutLoad(plan, thread: thread, connectionCount: connectionCount, board: board)
                case .idle: try IdleLoad(plan, thread: thread, connectionCount: connectionCount, board: board)
                case .churn: try ChurnLoad(plan, thread: thread, connectionCount: connectionCount, board: board)
                }
            engine.run()
            return EngineOutcome(measurement: engine.measurement, failure: engine.failure)
        } catch {
            return EngineOutcome(measurement: Measurement(), failure: error)
        }
    }

    private static func wait(for board: RunBoard, _ progress: (Progress) -> Void) -> [EngineOutcome] {
        var lastTime = BenchClock.now
        var lastWork = 0
        while true {
            if let outcomes = board.allOutcomes { return outcomes }
            usleep(20_000)
            let now = BenchClock.now
            guard now - lastTime >= 1_000_000_000 else { continue }
            let work = board.workCount
            progress(
                Progress(
                    openCount: board.openCount, workCount: work,
                    workPerSecond: Double(work - lastWork) * 1e9 / Double(now - lastTime)))
            lastTime = now
            lastWork = work
        }
    }
}
