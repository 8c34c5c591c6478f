import ArgumentParser
import Glibc
import HydrogenConfiguration
import HydrogenProtocol

extension ExitCode {
    /// EX_CONFIG of sysexits.h.
    static let badConfiguration = ExitCode(78)
    /// A rule of the server's own was broken.
    static let brokenRule = ExitCode(2)
}

/// What subcommands share: standard error, the environment, the clock.
enum Terminal {
    /// Writes a line to standard error.
    static func tell(_ line: String) { self.put("\(line)\n") }

    /// Whether a person sees standard error, and not a file.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes over the last line of standard error, which a person watches; nothing takes it away.
    static func showProgress(_ text: String) { self.put("\r\u{1b}[K\(text)") }

    private static func put(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// The variables of the process; of those that are there twice the first counts.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var place = unsafe environ
        while let text = unsafe place.pointee {
            let parts = unsafe String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
            unsafe place += 1
        }
        return variables
    }

    static var now: WallTime { WallTime(milliseconds: Int64(time(nil)) * 1_000) }

    /// A time as the wire writes it.
    static func text(of time: WallTime) -> String {
        var bytes: [UInt8] = []
        var writer = TimestampWriter()
        writer.append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Configuration {
    /// Loads a file, or tells every fault and ends with the status for it.
    ///
    /// - Parameter checkingFiles: Whether the files that it names must be there.
    static func loadOrExit(_ path: String, checkingFiles: Bool = true) throws -> Configuration {
        do {
            return try Configuration.load(from: path, environment: Terminal.environment, checkingFiles: checkingFiles)
        } catch {
            for fault in error.faults { Terminal.tell(fault.description) }
            throw ExitCode.badConfiguration
        }
    }
}
