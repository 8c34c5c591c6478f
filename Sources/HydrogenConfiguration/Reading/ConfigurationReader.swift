import HydrogenProtocol

/// Collects what the file and the environment say about each key, and everything that is wrong with how they say it.
/// What the values must be is `ConfigurationDecoder`'s business.
struct ConfigurationReader {
    /// By path; at the path of a group alone: null.
    private(set) var assignments: [String: FoundValue] = [:]
    private(set) var faults: [ConfigurationFault] = []
    private(set) var warnings: [String] = []

    /// No configuration nests deeper; the table needs five.
    private static let maxDepth = 16

    /// Reads the text of a file.
    ///
    /// - Parameter name: What faults call it.
    /// - Returns: Whether it holds the one object of a configuration: without it nothing more can be said.
    mutating func read(file: [UInt8], name: String) -> Bool {
        let source: ValueSource
        let root: JSONValue
        do {
            (source, root) = try CommentedJSON.read(file, name: name, maxDepth: Self.maxDepth)
        } catch {
            self.faults.append(error)
            return false
        }
        guard root.kind == .object else {
            self.refuse(
                FoundValue(name, root, in: source), "must be an object",
                allowed: "{\"\(ConfigurationTable.rootName)\": {…}}")
            return false
        }
        let members = self.members(of: FoundValue("", root, in: source), known: [ConfigurationTable.rootName])
        guard let server = members?.first?.found else {
            if self.faults.isEmpty {
                self.faults.append(
                    ConfigurationFault(ConfigurationTable.rootName, "is missing", allowed: "an object"))
            }
            return false
        }
        return self.read(root: server)
    }

    /// Reads the one object of a configuration; false where it is none.
    mutating func read(root: FoundValue) -> Bool {
        self.read(section: "", root)
        return root.value.kind == .object
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
            let source = ValueSource(bytes, .variable(name))
            self.read(path, FoundValue(Self.subject(of: path), value, in: source))
        }
    }

    /// What was read, and everything that is wrong with it.
    ///
    /// - Parameters:
    ///   - base: What holds where nothing was said.
    ///   - folder: Where relative paths start; nil leaves them as they are.
    func decoded(over base: Configuration, folder: String?) -> (Configuration, [ConfigurationFault]) {
        let decoder = ConfigurationDecoder(self.assignments, over: base, folder: folder)
        var faults = self.faults + decoder.faults
        for rule in ConfigurationRule.all where decoder.faultyPaths.isDisjoint(with: rule.paths) {
            if let fault = rule.fault(in: decoder.configuration) { faults.append(fault) }
        }
        return (decoder.configuration, faults)
    }

    private static func depth(of name: String) -> Int {
        ConfigurationEnvironment.paths[name]?.utf8.count(where: { $0 == UInt8(ascii: ".") }) ?? 0
    }

    /// A key or a section in faults: `WebSocketServer.Delivery.AckTimeout`.
    private static func subject(of path: String) -> String {
        path.isEmpty ? ConfigurationTable.rootName : "\(ConfigurationTable.rootName).\(path)"
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
        let quoted = Array(JSONText.quoted(text).utf8)
        return (quoted, try? JSONScanner.validate(quoted.span, maxDepth: 1))
    }

    /// Reads a key or a section.
    private mutating func read(_ path: String, _ found: FoundValue) {
        if ConfigurationTable.isSection(path) {
            if ConfigurationTable.key(path)?.kind.isGroup == true, found.value.kind == .null {
                self.assignments[path] = found
            } else {
                self.assignments[path] = nil
                self.read(section: path, found)
            }
        } else {
            if let group = ConfigurationTable.group(around: path) { self.assignments[group.path] = nil }
            self.assignments[path] = found
        }
    }

    /// Reads the members of a section; "" is the root.
    private mutating func read(section: String, _ found: FoundValue) {
        let allowed = ConfigurationTable.key(section)?.kind.isGroup == true ? "an object or null" : "an object"
        let known = ConfigurationTable.names(below: section)
        guard let members = self.members(of: found, known: known, allowed: allowed) else { return }
        for member in members {
            self.read(section.isEmpty ? member.name : "\(section).\(member.name)", member.found)
        }
    }

    private mutating func members(
        of found: FoundValue, known: [String], allowed: String = "an object"
    ) -> [(name: String, found: FoundValue)]? {
        var reading = ValueReading(folder: nil)
        let members = reading.members(of: found, known: known, allowed: allowed)
        self.faults += reading.faults
        return members
    }

    private mutating func refuse(_ found: FoundValue, _ problem: String, allowed: String) {
        var reading = ValueReading(folder: nil)
        reading.refuse(found, problem, allowed: allowed)
        self.faults += reading.faults
    }
}
