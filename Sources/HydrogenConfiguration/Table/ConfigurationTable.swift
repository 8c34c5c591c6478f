/// Every key that there is, in the order of the documentation.
package enum ConfigurationTable {
    /// The one object of a configuration file.
    package static let rootName = "WebSocketServer"

    package static let keys: [ConfigurationKey] =
        [
            listening, access, connections, messages, channels, sessions, deliveries, limits, observation,
        ].flatMap { $0 }

    /// The key of that path, nil if there is none.
    package static func key(_ path: String) -> ConfigurationKey? { self.byPath[path] }

    /// Whether keys stand below that path.
    package static func isSection(_ path: String) -> Bool { self.children[path] != nil }

    /// The names right below a section, in the order of the table; "" is the root.
    package static func names(below path: String) -> [String] { self.children[path] ?? [] }

    /// All sections but the root, the outer ones first.
    package static let sections: [String] = {
        var sections: [String] = []
        for key in ConfigurationTable.keys {
            for section in ConfigurationTable.sections(around: key.path) where !sections.contains(section) {
                sections.append(section)
            }
        }
        return sections
    }()

    /// The group that null can replace and that holds the key, if there is one.
    package static func group(around path: String) -> ConfigurationKey? {
        for section in self.sections(around: path) {
            if let key = self.byPath[section], key.kind.isGroup { return key }
        }
        return nil
    }

    /// The sections that a key stands in, the outer ones first: `Services`, `Services.File`.
    private static func sections(around path: String) -> [String] {
        let names = path.split(separator: ".")
        return names.indices.dropFirst().map { names[..<$0].joined(separator: ".") }
    }

    private static let byPath = [String: ConfigurationKey](
        uniqueKeysWithValues: ConfigurationTable.keys.map { ($0.path, $0) })

    private static let children: [String: [String]] = {
        var children: [String: [String]] = [:]
        for key in ConfigurationTable.keys {
            var parent = ""
            for name in key.path.split(separator: ".") {
                if children[parent]?.contains(String(name)) != true {
                    children[parent, default: []].append(String(name))
                }
                parent = parent.isEmpty ? String(name) : "\(parent).\(name)"
            }
        }
        return children
    }()
}
