import HydrogenProtocol

/// Turns what was said about each key into its value, and says of each value that cannot be what would be allowed.
struct ConfigurationDecoder {
    private(set) var configuration = Configuration()
    private(set) var faults: [ConfigurationFault] = []
    /// Keys whose value is wrong: rules over several keys leave them out.
    private(set) var faultyPaths: Set<String> = []
    /// Where relative paths start; nil leaves them as they are.
    private let folder: String?

    init(_ assignments: [String: ConfigurationReader.Assignment], folder: String?) {
        self.folder = folder
        for key in ConfigurationTable.keys {
            if let group = ConfigurationTable.group(around: key.path), assignments[group.path] != nil { continue }
            guard let assignment = assignments[key.path] else { continue }
            self.decode(key, assignment)
        }
    }

    private mutating func decode(_ key: ConfigurationKey, _ assignment: ConfigurationReader.Assignment) {
        let value = assignment.value
        let bytes = assignment.bytes
        switch key.kind {
        case .boolean(let path):
            guard let bool = value.bool else { return self.refuse(key, "must be true or false", assignment) }
            self.configuration[keyPath: path] = bool
        case .integer(let path, let range):
            guard let number = self.number(key, assignment, range, places: 0) else { return }
            self.configuration[keyPath: path] = number
        case .duration(let path, let range):
            guard let number = self.number(key, assignment, range, places: 3) else { return }
            self.configuration[keyPath: path] = .milliseconds(Int64(number))
        case .rate(let path, let range):
            guard let number = self.number(key, assignment, range, places: 3) else { return }
            self.configuration[keyPath: path] = number
        case .choice(let choice):
            guard let name = value.text?.string(in: bytes.span), choice.set(&self.configuration, name) else {
                return self.refuse(key, "must be one of these words", assignment)
            }
        case .text(let path, let rule):
            guard let text = self.text(key, value, assignment, rule) else { return }
            self.configuration[keyPath: path] = text
        case .optionalText(let path, let rule):
            guard value.kind != .null else { return self.configuration[keyPath: path] = nil }
            guard let text = self.text(key, value, assignment, rule) else { return }
            self.configuration[keyPath: path] = text
        case .list(let path, let rule):
            guard let list = self.list(key, assignment, rule) else { return }
            self.configuration[keyPath: path] = list
        case .optionalList(let path, let rule):
            guard value.kind != .null else { return self.configuration[keyPath: path] = nil }
            guard let list = self.list(key, assignment, rule) else { return }
            self.configuration[keyPath: path] = list
        case .limit(let path):
            self.configuration[keyPath: path] = nil
        case .blocking(let path):
            self.configuration[keyPath: path] = nil
        }
    }

    /// A number of units of the given decimal place, inside a range.
    private mutating func number(
        _ key: ConfigurationKey, _ assignment: ConfigurationReader.Assignment, _ range: ClosedRange<Int>, places: Int
    ) -> Int? {
        let value = assignment.value
        let problem: String
        if value.kind != .number {
            problem = "must be \(key.kind.typeName)"
        } else {
            switch ExactDecimal.read(value.range, in: assignment.bytes.span, places: places) {
            case .value(let number) where range.contains(number): return number
            case .value(let number): problem = number < range.lowerBound ? "is too small" : "is too large"
            case .tooSmall: problem = "is too small"
            case .tooLarge: problem = "is too large"
            case .tooFine:
                problem = places == 0 ? "must be a whole number" : "must have at most \(places) decimal places"
            }
        }
        self.refuse(key, problem, assignment)
        return nil
    }

    private mutating func text(
        _ key: ConfigurationKey, _ value: JSONValue, _ assignment: ConfigurationReader.Assignment, _ rule: TextRule,
        index: Int? = nil
    ) -> String? {
        guard let text = value.text?.string(in: assignment.bytes.span) else {
            self.refuse(key, "must be a string", assignment, element: value, index)
            return nil
        }
        guard rule.accepts(text) else {
            self.refuse(key, "is not of the right form", assignment, element: value, index)
            return nil
        }
        guard rule.isPath, let folder = self.folder else { return text }
        return FilePath.resolved(text, in: folder)
    }

    private mutating func list(
        _ key: ConfigurationKey, _ assignment: ConfigurationReader.Assignment, _ rule: TextRule
    ) -> [String]? {
        guard var iterator = assignment.value.elements else {
            self.refuse(key, "must be a list of strings", assignment)
            return nil
        }
        var list: [String] = []
        var isRight = true
        var index = 0
        while let element = iterator.next(in: assignment.bytes.span) {
            guard index < ConfigurationKind.maxListCount else {
                self.refuse(key, "has more than \(ConfigurationKind.maxListCount) entries", assignment)
                return nil
            }
            if let text = self.text(key, element, assignment, rule, index: index) {
                if list.contains(text) {
                    self.refuse(key, "is in the list already", assignment, element: element, index)
                    isRight = false
                }
                list.append(text)
            } else {
                isRight = false
            }
            index += 1
        }
        return isRight ? list : nil
    }

    /// Notes a fault: of the key, or of one entry of its list.
    private mutating func refuse(
        _ key: ConfigurationKey, _ problem: String, _ assignment: ConfigurationReader.Assignment,
        element: JSONValue? = nil, _ index: Int? = nil
    ) {
        let found = ValueText.of(element ?? assignment.value, in: assignment.bytes)
        let subject = index.map { "\(key.qualifiedPath)[\($0)]" } ?? key.qualifiedPath
        self.faults.append(
            ConfigurationFault(subject, "\(problem), is \(found)", at: assignment.place, allowed: key.kind.allowed))
        self.faultyPaths.insert(key.path)
    }
}
