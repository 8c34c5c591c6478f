import HydrogenProtocol

/// Collects what the file and the environment say about each key, and everything that is wrong with how they say it.
/// What the values must be is `ConfigurationDecoder`'s business.
struct ConfigurationReader {
    /// What was said about a key.
    struct Assignment {
        /// The text that the value's ranges are of.
        let bytes: [UInt8]
        let value: JSONValue
        /// Where it stands, for faults.
        let place: String
    }

    /// By path; at the path of a group alone: null.
    private(set) var assignments: [String: Assignment] = [:]
    private(set) var faults: [ConfigurationFault] = []
    private(set) var warnings: [String] = []

    /// No configuration nests deeper; the table needs five.
    private static let maxDepth = 16

    /// Where the values of one text come from.
    private enum Source {
        /// The file as it is written, comments included.
        case file([UInt8])
        case variable(String)

        func place(of offset: UInt32) -> String {
            switch self {
            case .file(let bytes): ConfigurationReader.place(of: Int(offset), in: bytes)
            case .variable(let name): name
            }
        }
    }

    /// Line and column of an offset, for people.
    static func place(of offset: Int, in bytes: [UInt8]) -> String {
        let position = JSONFault(.unexpectedByte, at: offset).position(in: bytes.span)
        return "line \(position.line), column \(position.column)"
    }

    /// Reads the text of a file.
    ///
    /// - Parameter name: What faults call it.
    /// - Returns: Whether it holds the one object of a configuration: without it nothing more can be said.
    mutating func read(file original: [UInt8], name: String) -> Bool {
        var bytes = original
        let root: JSONValue
        do {
            try CommentEraser.erase(&bytes)
            root = try JSONScanner.validate(bytes.span, maxDepth: Self.maxDepth)
        } catch {
            let place = Self.place(of: error.offset, in: original)
            self.faults.append(
                ConfigurationFault(name, "\(place): \(error.text)", allowed: "JSON with // and /* */ comments"))
            return false
        }
        let source = Source.file(original)
        guard root.kind == .object else {
            let found = ValueText.of(root, in: bytes)
            self.faults.append(
                ConfigurationFault(
                    name, "must be an object, is \(found)", at: source.place(of: root.range.lowerBound),
                    allowed: "{\"\(ConfigurationTable.rootName)\": {…}}"))
            return false
        }
        var isRootThere = false
        for member in Self.members(of: root, in: bytes) {
            let place = source.place(of: member.nameOffset)
            if member.name != ConfigurationTable.rootName {
                self.faults.append(
                    ConfigurationFault(member.name, "unknown key", at: place, allowed: ConfigurationTable.rootName))
            } else if isRootThere {
                self.faults.append(ConfigurationFault(member.name, "is there twice", at: place, allowed: "once"))
            } else {
                isRootThere = true
                self.read(section: "", member.value, in: bytes, source)
                guard member.value.kind == .object else { return false }
            }
        }
        if !isRootThere, self.faults.isEmpty {
            self.faults.append(ConfigurationFault(ConfigurationTable.rootName, "is missing", allowed: "an object"))
        }
        return isRootThere
    }

    /// Reads the variables of the environment that begin with `HYDROGEN_`; they replace what the file said.
    mutating func read(environment: [String: String]) {
        let named = environment.filter { $0.key.hasPrefix(ConfigurationEnvironment.prefix) }
        // The outer sections first, so that the variable of a single key has the last word.
        let sorted = named.sorted { left, right in
            let leftDepth = Self.depth(of: left.key)
            let rightDepth = Self.depth(of: right.key)
            return leftDepth == rightDepth ? left.key < right.key : leftDepth < rightDepth
        }
        for (name, text) in sorted {
            guard let path = ConfigurationEnvironment.paths[name] else {
                if !ConfigurationEnvironment.otherNames.contains(name) {
                    self.warnings.append("\(name): no key has this variable; it is ignored")
                }
                continue
            }
            let (bytes, value) = Self.value(of: text, isText: ConfigurationTable.key(path)?.kind.isText == true)
            guard let value else { continue }
            self.read(path, value, in: bytes, .variable(name))
        }
    }

    private static func depth(of name: String) -> Int {
        ConfigurationEnvironment.paths[name]?.utf8.count(where: { $0 == UInt8(ascii: ".") }) ?? 0
    }

    /// A variable's text as a JSON value: as it stands for keys that hold text, else JSON. What is no JSON becomes a
    /// string, which the decoder refuses with its text.
    private static func value(of text: String, isText: Bool) -> ([UInt8], JSONValue?) {
        let plain = Array(text.utf8)
        if !isText, let value = try? JSONScanner.validate(plain.span, maxDepth: self.maxDepth) { return (plain, value) }
        if isText, text.isEmpty {
            let null = Array("null".utf8)
            return (null, try? JSONScanner.validate(null.span, maxDepth: 1))
        }
        var quoted: [UInt8] = []
        quoted.append(jsonString: text)
        return (quoted, try? JSONScanner.validate(quoted.span, maxDepth: 1))
    }

    /// Reads a key or a section.
    private mutating func read(_ path: String, _ value: JSONValue, in bytes: [UInt8], _ source: Source) {
        let key = ConfigurationTable.key(path)
        if ConfigurationTable.isSection(path) {
            if key?.kind.isGroup == true, value.kind == .null {
                self.assign(path, value, in: bytes, source)
            } else {
                self.assignments[path] = nil
                self.read(section: path, value, in: bytes, source)
            }
        } else {
            if let group = ConfigurationTable.group(around: path) { self.assignments[group.path] = nil }
            self.assign(path, value, in: bytes, source)
        }
    }

    private mutating func assign(_ path: String, _ value: JSONValue, in bytes: [UInt8], _ source: Source) {
        self.assignments[path] = Assignment(
            bytes: bytes, value: value, place: source.place(of: value.range.lowerBound))
    }

    /// Reads the members of a section; "" is the root.
    private mutating func read(section: String, _ value: JSONValue, in bytes: [UInt8], _ source: Source) {
        let subject = section.isEmpty ? ConfigurationTable.rootName : "\(ConfigurationTable.rootName).\(section)"
        guard value.kind == .object else {
            let allowed = ConfigurationTable.key(section)?.kind.isGroup == true ? "an object or null" : "an object"
            self.faults.append(
                ConfigurationFault(
                    subject, "must be \(allowed), is \(ValueText.of(value, in: bytes))",
                    at: source.place(of: value.range.lowerBound), allowed: allowed))
            return
        }
        let known = ConfigurationTable.names(below: section)
        var seen: Set<String> = []
        for member in Self.members(of: value, in: bytes) {
            let place = source.place(of: member.nameOffset)
            guard known.contains(member.name) else {
                self.faults.append(
                    ConfigurationFault(
                        "\(subject).\(member.name)", Spelling.unknown(member.name, among: known), at: place,
                        allowed: known.joined(separator: " ")))
                continue
            }
            guard seen.insert(member.name).inserted else {
                self.faults.append(
                    ConfigurationFault("\(subject).\(member.name)", "is there twice", at: place, allowed: "once"))
                continue
            }
            self.read(section.isEmpty ? member.name : "\(section).\(member.name)", member.value, in: bytes, source)
        }
    }

    private struct Member {
        let name: String
        let nameOffset: UInt32
        let value: JSONValue
    }

    private static func members(of object: JSONValue, in bytes: [UInt8]) -> [Member] {
        var members: [Member] = []
        guard var iterator = object.members else { return members }
        while let member = iterator.next(in: bytes.span) {
            members.append(
                Member(
                    name: member.name.string(in: bytes.span), nameOffset: member.name.range.lowerBound - 1,
                    value: member.value))
        }
        return members
    }
}
