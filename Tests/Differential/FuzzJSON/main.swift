// Compares the scanner with simdjson and with Foundation on generated texts: `fuzz-json SECONDS [SEED]`.
import Foundation
import HydrogenProtocol

/// A line at once, also into a file.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

/// Compares until the time is over or a difference is found.
///
/// - Returns: The exit status.
func run(seconds: Double, seed: UInt64) -> Int32 {
    var comparison = Comparison(samples: Samples.load())
    say("seed \(seed), \(seconds) s, \(comparison.generator.samples.count) samples")
    let start = ContinuousClock.now
    var lastReport = start
    var index: UInt64 = 0
    while true {
        if index % 256 == 0 {
            let now = ContinuousClock.now
            if now - start >= .seconds(seconds) { break }
            if now - lastReport >= .seconds(60) {
                lastReport = now
                say("\(index) texts in \((now - start).components.seconds) s, \(comparison.summary)")
            }
        }
        let bytes = comparison.text(seed: seed, index: index)
        if let difference = comparison.difference(on: bytes) {
            say("DIFFERENCE: \(difference)")
            say("seed \(seed), text \(index)")
            say("hex  \(Hexadecimal.encode(bytes.span))")
            say("text \(String(decoding: bytes, as: UTF8.self).debugDescription)")
            return 1
        }
        index += 1
    }
    let elapsed = (ContinuousClock.now - start).components.seconds
    say("\(index) texts in \(elapsed) s, seed \(seed): no difference without a reason; \(comparison.summary)")
    return 0
}

let arguments = CommandLine.arguments
guard arguments.count >= 2, let seconds = Double(arguments[1]), seconds > 0,
    let seed = arguments.count > 2 ? UInt64(arguments[2]) : UInt64.random(in: 0...UInt64.max)
else {
    say("usage: fuzz-json SECONDS [SEED]")
    exit(64)
}
exit(run(seconds: seconds, seed: seed))
