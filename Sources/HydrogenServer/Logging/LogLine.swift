import HydrogenConfiguration
import HydrogenProtocol
import Logging

/// One line of the log, made in a buffer: whatever a peer sent, it ends up inside its own value of its own line.
struct LogLine {
    private(set) var bytes: [UInt8] = []

    /// The longest line, its end included: a pipe takes so much whole or not at all (PIPE_BUF), so lines never mix.
    /// Fields beyond it are left out.
    static let maxCount = 4_096
    /// The longest value in bytes; what is longer is cut, and ends with `…`.
    static let maxValueCount = 1_024

    /// The line as text (`time level message key=value`), or as a JSON object.
    init(
        _ format: Configuration.Log.Format, _ time: WallTime, _ level: Logger.Level, _ message: String,
        _ metadata: [(key: String, value: Logger.MetadataValue)]
    ) {
        self.bytes.reserveCapacity(512)
        switch format {
        case .text: self.writeText(time, level, message, metadata)
        case .json: self.writeJSON(time, level, message, metadata)
        }
        self.bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func writeText(
        _ time: WallTime, _ level: Logger.Level, _ message: String,
        _ metadata: [(key: String, value: Logger.MetadataValue)]
    ) {
        var timestamps = TimestampWriter()
        timestamps.append(time, to: &self.bytes)
        self.bytes.append(UInt8(ascii: " "))
        self.bytes.append(contentsOf: level.rawValue.utf8)
        self.bytes.append(UInt8(ascii: " "))
        // Spaces are usual in a message; an equals sign would look like a field.
        if LogText.isPlain(message, allowingSpaces: true) {
            self.bytes.append(contentsOf: message.utf8)
        } else {
            LogText.appendQuoted(message, to: &self.bytes)
        }
        for (key, value) in metadata {
            let start = self.bytes.count
            self.bytes.append(UInt8(ascii: " "))
            if LogText.isPlain(key) {
                self.bytes.append(contentsOf: key.utf8)
            } else {
                LogText.appendQuoted(key, to: &self.bytes)
            }
            self.bytes.append(UInt8(ascii: "="))
            let text = LogText.flat(value)
            if LogText.isPlain(text) {
                self.bytes.append(contentsOf: text.utf8)
            } else {
                LogText.appendQuoted(text, to: &self.bytes)
            }
            guard self.bytes.count < Self.maxCount else { return self.bytes.removeSubrange(start...) }
        }
    }

    private mutating func writeJSON(
        _ time: WallTime, _ level: Logger.Level, _ message: String,
        _ metadata: [(key: String, value: Logger.MetadataValue)]
    ) {
        var timestamps = TimestampWriter()
        self.bytes.append("{\"timestamp\":\"")
        timestamps.append(time, to: &self.bytes)
        self.bytes.append("\",\"level\":\"")
        self.bytes.append(contentsOf: level.rawValue.utf8)
        self.bytes.append("\",\"message\":")
        LogText.appendQuoted(message, to: &self.bytes)
        for (key, value) in metadata {
            let start = self.bytes.count
            self.bytes.append(UInt8(ascii: ","))
            // These three names are taken: a reader of JSON would see only one of two.
            let isTaken = key == "timestamp" || key == "level" || key == "message"
            LogText.appendQuoted(isTaken ? key + "_" : key, to: &self.bytes)
            self.bytes.append(UInt8(ascii: ":"))
            LogText.appendQuoted(LogText.flat(value), to: &self.bytes)
            guard self.bytes.count < Self.maxCount - 1 else {
                self.bytes.removeSubrange(start...)
                break
            }
        }
        self.bytes.append(UInt8(ascii: "}"))
    }
}
