import HydrogenProtocol
import HydrogenThreads
import HydrogenSimulation

/// Writes the trace of a run, in large pieces.
package struct TraceWriter<Failure: Error>: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var lineCount = 0
        var failure: Failure?
    }

    private let state = Guarded(State())
    private let sink: @Sendable ([UInt8]) throws(Failure) -> Void

    private static var pieceByteCount: Int { 1 << 16 }

    /// - Parameter sink: Where pieces go, in order.
    package init(to sink: @escaping @Sendable ([UInt8]) throws(Failure) -> Void) { self.sink = sink }

    /// Does a run and writes its trace.
    ///
    /// - Throws: the first failure of the sink; the run is done all the same.
    package func write(
        _ run: Run, change: (inout SimulationOptions) -> Void = { _ in }
    ) throws(Failure) -> SimulationResult {
        self.append(TraceText.head(of: run))
        let result = run.result { options in
            change(&options)
            options.trace = { line in
                self.append("\(line)\n")
                self.state.withLock { $0.lineCount += 1 }
            }
        }
        self.append(TraceText.end(lineCount: self.state.withLock(\.lineCount)))
        self.state.withLock { self.flush(&$0) }
        if let failure = self.state.withLock(\.failure) { throw failure }
        return result
    }

    private func append(_ text: String) {
        self.state.withLock { state in
            state.bytes += text.utf8
            if state.bytes.count >= Self.pieceByteCount { self.flush(&state) }
        }
    }

    private func flush(_ state: inout State) {
        if state.failure == nil {
            do throws(Failure) { try self.sink(state.bytes) } catch { state.failure = error }
        }
        state.bytes.removeAll(keepingCapacity: true)
    }
}
