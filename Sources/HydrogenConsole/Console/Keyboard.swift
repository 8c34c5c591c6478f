import Glibc
import HydrogenThreads

/// Standard input, read on a thread of its own, and the signals that ask for the end.
enum Keyboard {
    /// Hands over what arrives, until the end of the input or until `take` returns false.
    static func read(_ take: @escaping @Sendable (ArraySlice<UInt8>) -> Bool, end: @escaping @Sendable () -> Void) {
        self.onThread {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                    unsafe Glibc.read(STDIN_FILENO, bytes.baseAddress, bytes.count)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0, take(buffer[..<count]) else { break }
            }
            end()
        }
    }

    /// Calls once one of SIGINT, SIGTERM and SIGHUP is here. They must be blocked in every thread.
    static func onSignal(_ body: @escaping @Sendable () -> Void) {
        self.onThread {
            var signals = EndSignals.set
            var number: Int32 = 0
            _ = unsafe sigwait(&signals, &number)
            body()
        }
    }

    private static func onThread(_ body: @escaping @Sendable () -> Void) {
        // Without a thread there is nothing to read with: as if the input had ended.
        do { try SystemThread(body).detach() } catch { body() }
    }
}

/// The signals that ask a console to end.
package enum EndSignals {
    static var set: sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&signals, signal) }
        return signals
    }

    /// To be called before there is any other thread: all of them inherit it.
    package static func block() {
        var signals = self.set
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

/// Cuts bytes into lines.
struct LineSplitter: Sendable {
    private var rest: [UInt8] = []

    /// Beyond it a line is cut, and no command any more.
    private static let longestLine = 16 * 1024 * 1024

    mutating func take(_ bytes: ArraySlice<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: self.rest, as: UTF8.self))
                self.rest = []
            } else if self.rest.count < Self.longestLine {
                self.rest.append(byte)
            }
        }
        return lines
    }

    /// What stands behind the last line's end.
    mutating func finish() -> String? {
        defer { self.rest = [] }
        return self.rest.isEmpty ? nil : String(decoding: self.rest, as: UTF8.self)
    }
}
