import Foundation
import HydrogenServer

/// Drains the server at SIGTERM and SIGINT: signals belong to the program, so a library does not touch them.
///
/// - Returns: what listens, for as long as it is kept.
func drainAtSignals(_ server: HydrogenServer) -> [any DispatchSourceSignal] {
    [SIGTERM, SIGINT].map { number in
        // The default would end the process before anybody is told.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { server.drain() }
        source.resume()
        return source
    }
}
