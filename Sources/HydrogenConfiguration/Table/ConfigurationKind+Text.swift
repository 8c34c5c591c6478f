import HydrogenProtocol

extension ConfigurationKind {
    /// The type in words, for faults and the documentation.
    package var typeName: String {
        switch self {
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .duration: "a number of seconds"
        case .rate: "a number"
        case .choice: "a word"
        case .text, .optionalText: "a string"
        case .list, .optionalList: "a list of strings"
        case .limit, .blocking: "an object or null"
        }
    }

    /// What is allowed, for faults and the documentation.
    package var allowed: String {
        switch self {
        case .boolean: "true, false"
        case .integer(_, let range): "\(range.lowerBound) to \(range.upperBound)"
        case .duration(_, let range), .rate(_, let range):
            "\(ExactDecimal.text(thousandths: range.lowerBound)) to \(ExactDecimal.text(thousandths: range.upperBound)), "
                + "at most 3 decimal places"
        case .choice(let choice): choice.names.map { "\"\($0)\"" }.joined(separator: ", ")
        case .text(_, let rule): rule.allowed
        case .optionalText(_, let rule): "\(rule.allowed), null"
        case .list(_, let rule): "a list of at most \(Self.maxListCount), each once: \(rule.allowed)"
        case .optionalList(_, let rule): "null or a list of at most \(Self.maxListCount), each once: \(rule.allowed)"
        case .limit, .blocking: "an object or null"
        }
    }

    /// The value as JSON text.
    package func json(of configuration: Configuration) -> String {
        switch self {
        case .boolean(let path): "\(configuration[keyPath: path])"
        case .integer(let path, _): "\(configuration[keyPath: path])"
        case .duration(let path, _):
            ExactDecimal.text(thousandths: Int(configuration[keyPath: path].milliseconds))
        case .rate(let path, _): ExactDecimal.text(thousandths: configuration[keyPath: path])
        case .choice(let choice): Self.json(choice.get(configuration))
        case .text(let path, _): Self.json(configuration[keyPath: path])
        case .optionalText(let path, _): configuration[keyPath: path].map(Self.json) ?? "null"
        case .list(let path, _): Self.json(configuration[keyPath: path])
        case .optionalList(let path, _): configuration[keyPath: path].map(Self.json) ?? "null"
        case .limit(let path): configuration[keyPath: path].map(Self.json) ?? "null"
        case .blocking(let path): configuration[keyPath: path].map(Self.json) ?? "null"
        }
    }

    /// Takes the value over from another configuration.
    package func copy(from source: Configuration, to target: inout Configuration) {
        switch self {
        case .boolean(let path): target[keyPath: path] = source[keyPath: path]
        case .integer(let path, _): target[keyPath: path] = source[keyPath: path]
        case .duration(let path, _): target[keyPath: path] = source[keyPath: path]
        case .rate(let path, _): target[keyPath: path] = source[keyPath: path]
        case .choice(let choice): _ = choice.set(&target, choice.get(source))
        case .text(let path, _): target[keyPath: path] = source[keyPath: path]
        case .optionalText(let path, _): target[keyPath: path] = source[keyPath: path]
        case .list(let path, _): target[keyPath: path] = source[keyPath: path]
        case .optionalList(let path, _): target[keyPath: path] = source[keyPath: path]
        case .limit(let path): target[keyPath: path] = source[keyPath: path]
        case .blocking(let path): target[keyPath: path] = source[keyPath: path]
        }
    }

    private static func json(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(jsonString: text)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func json(_ list: [String]) -> String {
        "[\(list.map(self.json).joined(separator: ", "))]"
    }

    private static func json(_ limit: Configuration.RateLimit) -> String {
        let rate = ExactDecimal.text(thousandths: limit.thousandthsPerSecond)
        return "{\"Rate\": \(rate), \"Burst\": \(limit.burst), \"DryRun\": \(limit.dryRun)}"
    }

    private static func json(_ blocking: Configuration.Blocking) -> String {
        let seconds = [blocking.window, blocking.duration, blocking.maximum].map {
            ExactDecimal.text(thousandths: Int($0.milliseconds))
        }
        return "{\"After\": \(blocking.after), \"Window\": \(seconds[0]), \"Duration\": \(seconds[1]), "
            + "\"Maximum\": \(seconds[2]), \"DryRun\": \(blocking.dryRun)}"
    }
}
