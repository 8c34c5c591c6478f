import Foundation
import HydrogenProtocol
import HydrogenTransport
import Logging
import Synchronization

/// Writes the log to standard error, a line per record, as text (`time level message key=value …`) or as JSON.
///
/// Whatever a peer sent cannot forge a line: each value is escaped. A line is one write, so lines of different threads
/// never mix.
public struct LineLogHandler: LogHandler {
    /// The level of all handlers that share it, which a reload changes.
    public final class SharedLevel: Sendable {
        private let value: Atomic<Int>

        public init(_ level: Logger.Level) { self.value = Atomic(Self.number(level)) }

        public var level: Logger.Level {
            get { Logger.Level.allCases[self.value.load(ordering: .relaxed)] }
            set { self.value.store(Self.number(newValue), ordering: .relaxed) }
        }

        private static func number(_ level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }
    }

    public var metadata: Logger.Metadata = [:]
    private let level: SharedLevel
    private let isJSON: Bool

    public var logLevel: Logger.Level {
        get { self.level.level }
        set { self.level.level = newValue }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    public init(level: SharedLevel, isJSON: Bool) {
        self.level = level
        self.isJSON = isJSON
    }

    public func log(event: LogEvent) {
        let fields = self.metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line = Self.line(
            level: event.level.rawValue, message: event.message.description, fields.map { ($0.key, "\($0.value)") },
            isJSON: self.isJSON, at: Clock.wallTime())
        // A log that cannot be written is no reason to stop serving.
        _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// One line with its line feed.
    static func line(
        level: String, message: String, _ fields: [(name: String, value: String)], isJSON: Bool, at now: WallTime
    ) -> [UInt8] {
        var time: [UInt8] = []
        var writer = TimestampWriter()
        writer.append(now, to: &time)
        var out: [UInt8] = []
        if isJSON {
            out.append("{\"timestamp\":\"")
            out += time
            out.append("\",\"level\":\"")
            out.append(level.utf8.span)
            out.append("\",\"message\":")
            out.append(logString: message)
            for field in fields {
                out.append(",")
                out.append(logString: field.name)
                out.append(":")
                out.append(logString: field.value)
            }
            out.append("}\n")
        } else {
            out += time
            out.append(" ")
            out.append(level.utf8.span)
            out.append(" ")
            out.append(contentsOf: (message.needsQuotes ? message.quoted : message).utf8)
            for field in fields {
                out.append(" ")
                out.append(field.name.utf8.span)
                out.append("=")
                if field.value.needsQuotes || field.value.contains(" ") || field.value.isEmpty {
                    out.append(logString: field.value)
                } else {
                    out.append(field.value.utf8.span)
                }
            }
            out.append("\n")
        }
        return out
    }
}

extension String {
    /// Whether it holds what could be taken for something else in a line of text.
    fileprivate var needsQuotes: Bool {
        self.unicodeScalars.contains { $0 == "\"" || $0 == "\\" || $0 == "=" || $0.isUnprintable }
    }

    fileprivate var quoted: String {
        var out: [UInt8] = []
        out.append(logString: self)
        return String(decoding: out, as: UTF8.self)
    }
}

extension Unicode.Scalar {
    /// Control characters and line separators, which a terminal or a log reader would act on.
    fileprivate var isUnprintable: Bool {
        switch self.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029: true
        default: false
        }
    }
}

extension [UInt8] {
    /// Appends a JSON string in which also DEL, C1 control characters and line separators are escaped.
    fileprivate mutating func append(logString text: String) {
        guard text.unicodeScalars.contains(where: { $0.value >= 0x7f && $0.isUnprintable }) else {
            return self.append(jsonString: text)
        }
        self.append("\"")
        for scalar in text.unicodeScalars {
            if scalar.value >= 0x7f, scalar.isUnprintable {
                let digits = String(scalar.value, radix: 16)
                self.append("\\u")
                self.append(contentsOf: String(repeating: "0", count: 4 - digits.count).utf8)
                self.append(contentsOf: digits.utf8)
            } else {
                var quoted: [UInt8] = []
                quoted.append(jsonString: String(scalar))
                self.append(contentsOf: quoted.dropFirst().dropLast())
            }
        }
        self.append("\"")
    }
}
