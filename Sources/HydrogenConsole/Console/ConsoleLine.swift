import HydrogenClient
import HydrogenProtocol

/// What a script reads: one JSON object a line.
enum ConsoleLine {
    static func response(
        to request: ConsoleCommand.Request, id: [UInt8], _ answer: ConsoleSession.Answer
    ) -> String {
        var line: [UInt8] = []
        line.append("{\"type\":\"response\",\"id\":")
        line.append(contentsOf: id)
        self.append("channel", request.channel, to: &line)
        self.append("action", request.action, to: &line)
        switch answer {
        case .success(let response):
            line.append(",\"status\":\"ok\",\"data\":")
            line.append(contentsOf: response.data)
        case .failure(let failure):
            line.append(",\"status\":\"error\",\"error\":")
            self.append(failure, to: &line)
        }
        line.append("}\n")
        return String(decoding: line, as: UTF8.self)
    }

    /// A line of input that is no command.
    static func refusal(id: [UInt8], _ text: String) -> String {
        var line: [UInt8] = []
        line.append("{\"type\":\"response\",\"id\":")
        line.append(contentsOf: id)
        line.append(",\"status\":\"error\",\"error\":{\"category\":\"console\",\"code\":\"invalid_line\",\"message\":")
        line.append(jsonString: text)
        line.append(",\"retryable\":false}}\n")
        return String(decoding: line, as: UTF8.self)
    }

    static func event(_ event: HydrogenClient.Event) -> String {
        var line: [UInt8] = []
        line.append("{\"type\":\"event\",\"id\":")
        line.append(jsonString: event.id)
        self.append("timestamp", event.timestamp, to: &line)
        self.append("channel", event.channel, to: &line)
        self.append("action", event.action, to: &line)
        line.append(",\"data\":")
        line.append(contentsOf: event.data)
        if event.priority != .normal { self.append("priority", event.priority.rawValue, to: &line) }
        if event.isRetained { line.append(",\"retained\":true") }
        if let offset = event.offset {
            line.append(",\"offset\":")
            line.append(decimal: offset)
            if event.attempt > 1 {
                line.append(",\"attempt\":")
                line.append(decimal: Int64(event.attempt))
            }
        }
        line.append("}\n")
        return String(decoding: line, as: UTF8.self)
    }

    private static func append(_ name: StaticString, _ text: String, to line: inout [UInt8]) {
        line.append(",\"")
        line.append(name)
        line.append("\":")
        line.append(jsonString: text)
    }

    private static func append(_ failure: HydrogenClient.Failure, to line: inout [UInt8]) {
        var error = HydrogenClient.ServerError(
            category: "client", code: "failed", message: failure.description, isRetryable: false)
        switch failure {
        case .refused(let told): error = told
        case .timedOut: (error.code, error.isRetryable) = ("timed_out", true)
        case .connectionLost: (error.code, error.isRetryable) = ("connection_lost", true)
        case .closed: error.code = "closed"
        case .busy: (error.code, error.isRetryable) = ("busy", true)
        case .tooLarge: error.code = "too_large"
        default: break
        }
        line.append("{\"category\":")
        line.append(jsonString: error.category)
        self.append("code", error.code, to: &line)
        self.append("message", error.message, to: &line)
        line.append(",\"retryable\":")
        line.append(error.isRetryable ? "true" : "false")
        if let retryAfter = error.retryAfter {
            line.append(",\"retry_after_ms\":")
            line.append(decimal: Int64(retryAfter / .milliseconds(1)))
        }
        line.append("}")
    }
}
